"""Mobile documents in the wallet: which answers a query, and what is shown of it."""

from typing import Any

import pytest

from tegata.codec import base64url
from tegata.command.wallet import readable
from tegata.doubles.wallet.matching import Answer, claims_of, match
from tegata.doubles.wallet.store import Held
from tegata.errors import Forbidden
from tests.tegata.formats.mdoc.documents import CLAIMS, DOCTYPE, OTHER, SPACE, issued

PORTRAIT = "data:image/png;base64,iVBORw=="
HELD = Held("1", "mso_mdoc", "x", "y", base64url.encode(issued(claims={**CLAIMS, "portrait": PORTRAIT})), "")


def _match(doctype: str = DOCTYPE, **members: Any) -> tuple[Answer, ...]:
    query = {"id": "q", "format": "mso_mdoc", "meta": {"doctype_value": doctype}, **members}
    return match({"credentials": [query]}, (HELD,), {})


@pytest.mark.clause("OID4VP 1.0 §7.2")
def test_elements_that_are_asked_for_are_shown_and_no_others() -> None:
    wanted = [{"path": [SPACE, "graduation_date"]}, {"path": [OTHER, "family_name"], "values": ["青葉"]}]
    (answer,) = _match(claims=wanted)
    assert answer.paths == ((SPACE, "graduation_date"), (OTHER, "family_name"))
    assert _match()[0].paths == ()


@pytest.mark.parametrize(
    "change",
    [
        {"doctype": "example.other.1"},
        {"claims": [{"path": [SPACE, "family_name"]}]},
        {"claims": [{"path": [OTHER, "family_name"], "values": ["山田"]}]},
    ],
    ids=["another type", "another namespace", "another value"],
)
def test_what_it_does_not_hold_it_does_not_show(change: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        _match(**change)


def test_of_claim_sets_the_first_that_it_can_fill_is_taken() -> None:
    claims = [
        {"id": "a", "path": [OTHER, "age_over_18"]},
        {"id": "b", "path": [OTHER, "age_over_20"]},
    ]
    (answer,) = _match(claims=claims, claim_sets=[["a", "b"], ["a"]])
    assert answer.paths == ((OTHER, "age_over_18"),)


def test_what_it_says_can_be_read_with_its_picture() -> None:
    found = readable(claims_of(HELD))
    assert found[OTHER]["portrait"] == "iVBORw"
    assert found[SPACE]["courses"] == CLAIMS["courses"]
