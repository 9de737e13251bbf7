"""Lists of several bits: what is written is read back, and nothing beside it changes."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas import catalogue
from tegata.codec import json
from tegata.errors import LimitExceeded, MalformedInput
from tegata.formats import data_integrity
from tegata.keys.software import SoftwareSigner
from tegata.status import bitstring_status_list as bsl
from tegata.status.bitstring_entry import ClaimedEntry, parse_entry
from tegata.status.entries import MIN_SIZE
from tegata.status.errors import StatusIndexOutOfRange, StatusNotVerified, problem_type_of
from tegata.status.values import Values

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://issuer.example/status/8"
TERMS = bsl.Terms(URL, "did:web:issuer.example", NOW, NOW + timedelta(days=1), timedelta(minutes=5))
SIZES = range(1, 9)


def _believe(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Stand in for a proof that holds."""
    return document


@pytest.mark.clause("BSL §3.3")
@pytest.mark.parametrize("size", SIZES)
def test_values_of_every_size_are_written_and_read_back_across_bytes(size: int) -> None:
    draw = random.Random(size)  # noqa: S311  the same values each time
    wanted = {draw.randrange(MIN_SIZE): draw.randrange(1 << size) for _ in range(300)}
    wanted |= {0: (1 << size) - 1, MIN_SIZE - 1: (1 << size) - 1}
    values = Values.zero(size).changed(wanted)
    assert len(values) == MIN_SIZE
    assert {index: values.value_at(index) for index in wanted} == wanted
    read = "".join(f"{byte:08b}" for byte in values.packed)
    assert all(int(read[at * size : (at + 1) * size], 2) == wanted.get(at, 0) for at in range(MIN_SIZE))
    assert values.changed(dict.fromkeys(wanted, 0)) == Values.zero(size)


@pytest.mark.clause("BSL §3.2")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("entries", [MIN_SIZE, MIN_SIZE + 8, 200_000])
def test_a_published_list_of_every_size_is_read_with_its_message(size: int, entries: int) -> None:
    messages = {value: f"文 {value}" for value in range(1 << size)}
    top = (1 << size) - 1
    values = Values.zero(size, entries).changed({entries - 1: top, 11: 1})
    document = bsl.publish_values(values, ("message",), dict, TERMS)
    for index, value in ((entries - 1, top), (11, 1), (10, 0), (12, 0)):
        entry = parse_entry(ClaimedEntry("message", index, URL, size, messages).stated())
        assert bsl.check(entry, document, _believe, now=NOW) == bsl.Reading(
            "message", value, "did:web:issuer.example", messages[value]
        )
    with pytest.raises(StatusIndexOutOfRange):
        bsl.check(ClaimedEntry("message", entries, URL, size, messages), document, _believe, now=NOW)


@pytest.mark.clause("BSL §2.2")
def test_a_list_for_several_purposes_names_all_of_them_and_answers_for_no_other() -> None:
    document = bsl.publish_values(Values.zero(1).changed({3: 1}), ("revocation", "refresh"), dict, TERMS)
    assert document["credentialSubject"]["statusPurpose"] == ["revocation", "refresh"]
    for purpose in ("revocation", "refresh"):
        assert bsl.check(ClaimedEntry(purpose, 3, URL), document, _believe, now=NOW).is_set
    with pytest.raises(StatusNotVerified):
        bsl.check(ClaimedEntry("suspension", 3, URL), document, _believe, now=NOW)


@pytest.mark.clause("BSL §2.2")
def test_a_list_need_not_say_how_long_to_keep_it() -> None:
    terms = bsl.Terms(URL, {"id": "did:web:issuer.example"}, NOW, NOW + timedelta(days=1))
    document = bsl.render_values(Values.zero(1), ("revocation",), terms)
    assert "ttl" not in document["credentialSubject"]
    assert bsl.check(ClaimedEntry("revocation", 3, URL), document, _believe, now=NOW).value == 0


@pytest.mark.clause("BSL §2.2")
def test_a_proof_covers_every_member_of_a_list_and_of_an_entry_with_messages() -> None:
    signer = SoftwareSigner.generate()
    method = f"did:web:issuer.example#{signer.public_key.key_id}"

    def secure(document: dict[str, Any]) -> dict[str, Any]:
        return data_integrity.secure(document, signer, method, NOW, catalogue.contexts())

    def verify_proof(document: Mapping[str, Any]) -> Mapping[str, Any]:
        parsed = data_integrity.parse(json.dumps(document), catalogue.contexts())
        return data_integrity.verify(parsed, signer.public_key, now=NOW).raw

    published = bsl.publish_values(Values.zero(2).changed({5: 2}), ("message", "refresh"), secure, TERMS)
    entry = ClaimedEntry("message", 5, URL, 2, dict(enumerate("abcd")), ("https://issuer.example/words",))
    credential = secure(
        {
            "@context": [bsl.CONTEXT],
            "type": ["VerifiableCredential"],
            "issuer": "did:web:issuer.example",
            "credentialSubject": {"id": "urn:uuid:6f6fa1a5-6b8e-4b3c-9c8e-3f6f7a3c1d2e"},
            "credentialStatus": entry.stated(),
        }
    )
    assert parse_entry(verify_proof(credential)["credentialStatus"]) == entry
    assert bsl.check(entry, published, verify_proof, now=NOW).message == "c"
    published["credentialSubject"]["ttl"] += 1
    with pytest.raises(StatusNotVerified):
        bsl.check(entry, published, verify_proof, now=NOW)


def test_a_list_of_another_size_is_not_made() -> None:
    for size, entries in (
        (0, MIN_SIZE),
        (9, MIN_SIZE),
        (1, MIN_SIZE - 8),
        (3, MIN_SIZE + 1),
        (1, 1 << 25),
        (1, -8),
    ):
        with pytest.raises(MalformedInput):
            Values.zero(size, entries)
    with pytest.raises(MalformedInput):
        Values(bytes(MIN_SIZE), 3)


def test_values_that_do_not_fit_are_not_written() -> None:
    values = Values.zero(2)
    for change in ({0: 4}, {0: -1}, {MIN_SIZE: 1}, {-1: 1}):
        with pytest.raises(MalformedInput):
            values.changed(change)


@pytest.mark.parametrize("purposes", [(), ("",), ("message", "message")])
def test_a_list_is_kept_for_named_purposes_each_once(purposes: tuple[str, ...]) -> None:
    with pytest.raises(MalformedInput):
        bsl.render_values(Values.zero(1), purposes, TERMS)


def test_a_list_that_decompresses_to_too_much_is_not_believed() -> None:
    document = bsl.publish_values(Values.zero(8), ("message",), dict, TERMS)
    entry = ClaimedEntry("message", 5, URL, 8)
    with pytest.raises(LimitExceeded) as refused:
        bsl.check(entry, document, _believe, now=NOW, max_list_bytes=MIN_SIZE - 1)
    assert problem_type_of(refused.value).endswith("#STATUS_VERIFICATION_ERROR")
    assert bsl.check(entry, document, _believe, now=NOW, max_list_bytes=MIN_SIZE).value == 0
