"""The digest that is approved: it covers every member of every document, and the order."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.issuance.digest import batch_digest, document_digest, reference_of

CONTENT: dict[str, Any] = {
    "salt": "00" * 16,
    "document_name": "graduation",
    "number": "第2026-0001号",
    "issue_date": date(2026, 4, 1),
    "claims": {"name": "青葉 はるか", "school": {"name": "例示高校"}, "grades": [1, 2]},
}


@pytest.mark.parametrize(
    "change",
    [
        {"salt": "01" * 16},
        {"document_name": "transcript"},
        {"number": "第2026-0002号"},
        {"issue_date": date(2026, 4, 2)},
        {"claims": CONTENT["claims"] | {"name": "青葉 はるき"}},
        {"claims": CONTENT["claims"] | {"grades": [2, 1]}},
        {"claims": CONTENT["claims"] | {"school": {}}},
        {"claims": {}},
    ],
    ids=["salt", "document", "number", "date", "a name", "an order", "a nested claim", "all claims"],
)
def test_every_part_of_a_document_is_covered(change: dict[str, Any]) -> None:
    assert document_digest(**(CONTENT | change)) != document_digest(**CONTENT)


def test_the_order_of_members_is_not_content() -> None:
    turned = dict(reversed(list(CONTENT["claims"].items())))
    assert document_digest(**(CONTENT | {"claims": turned})) == document_digest(**CONTENT)


LEAVES = st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1, max_size=20, unique=True)


@given(LEAVES, st.data())
def test_any_change_of_any_document_changes_the_root(leaves: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(
        st.binary(min_size=32, max_size=32).map(bytes.hex).filter(lambda item: item not in leaves)
    )
    assert batch_digest([*leaves[:place], other, *leaves[place + 1 :]]) != batch_digest(leaves)
    assert batch_digest([*leaves, other]) != batch_digest(leaves)
    if len(leaves) > 1:
        assert batch_digest(leaves[:-1]) != batch_digest(leaves)
        assert batch_digest(reversed(leaves)) != batch_digest(leaves)


@pytest.mark.clause("RFC 6962 §2.1")
def test_a_node_is_never_taken_for_a_document() -> None:
    leaves = [document_digest(**(CONTENT | {"number": str(number)})) for number in range(4)]
    halves = [batch_digest(leaves[:2]), batch_digest(leaves[2:])]
    # The root over two nodes is that over their leaves: what tells them apart is that no document hashes to a node.
    assert batch_digest(halves) == batch_digest(leaves)
    assert not set(halves) & set(leaves)


def test_a_batch_without_documents_has_no_digest() -> None:
    with pytest.raises(ValueError, match="without documents"):
        batch_digest([])


def test_people_compare_the_start_of_the_digest() -> None:
    assert reference_of("7f3a91c20b5e" + "0" * 52) == "7F3A-91C2-0B5E"
