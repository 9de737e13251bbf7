"""What is issued: salted items in no order, digests of their bytes, and nothing dropped."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from tegata.codec import cbor
from tegata.errors import MalformedInput, Misconfigured
from tegata.formats import mdoc
from tegata.formats.credential import FormatRefused, MdocNames
from tests.tegata.formats.mdoc.documents import (
    CLAIMS,
    DEVICE,
    DOCTYPE,
    ELEMENTS,
    NOW,
    OTHER,
    SIGNER,
    SPACE,
    document,
    issued,
)


def _items(raw: bytes) -> dict[str, list[dict[str, Any]]]:
    spaces = cbor.loads(raw)["nameSpaces"]
    return {name: [cbor.loads(cbor.embedded_bytes(item)) for item in items] for name, items in spaces.items()}


@pytest.mark.clause("ISO/IEC 18013-5 §8.3.2.1.2.2")
def test_every_claim_is_an_element_of_its_namespace_with_at_least_16_random_bytes() -> None:
    items = _items(issued())
    assert {name: {item["elementIdentifier"] for item in found} for name, found in items.items()} == {
        OTHER: {"family_name", "given_name", "birth_date", "age_over_18"},
        SPACE: {"graduation_date", "school", "courses", "is_first"},
    }
    salts = [item["random"] for found in items.values() for item in found]
    assert all(len(salt) >= 16 for salt in salts)
    assert len(set(salts)) == len(ELEMENTS) - 1


@pytest.mark.clause("ISO/IEC 18013-5 §9.1.2.4")
def test_the_security_object_has_the_digests_of_the_items_bytes_and_the_devices_key() -> None:
    raw = issued()
    parsed = mdoc.parse(raw)
    content = parsed.security_object
    assert (content["version"], content["digestAlgorithm"], content["docType"]) == ("1.0", "SHA-256", DOCTYPE)
    for namespace, items in cbor.loads(raw)["nameSpaces"].items():
        for item in items:
            number = cbor.loads(cbor.embedded_bytes(item))["digestID"]
            assert content["valueDigests"][namespace][number] == sha256(cbor.dumps(item)).digest()
    assert content["validityInfo"]["signed"] == cbor.Tag(0, "2026-04-01T03:00:00Z")
    assert content["status"] == {"status_list": {"idx": 77, "uri": "https://issuer.example/status/1"}}
    assert set(content["deviceKeyInfo"]["deviceKey"]) == {1, -1, -2, -3}


def test_the_message_is_untagged_with_its_chain_outside_the_signature() -> None:
    message = cbor.loads(issued())["issuerAuth"]
    assert isinstance(message, list)
    assert cbor.loads(message[0]) == {1: -7}
    assert message[1] == {33: b"leaf"}


@pytest.mark.clause("RFC 8943 §1.1")
def test_a_calendar_date_is_a_full_date() -> None:
    found = {item["elementIdentifier"]: item["elementValue"] for item in _items(issued())[OTHER]}
    assert found["birth_date"] == cbor.Tag(1004, "2008-02-29")


def test_two_copies_share_no_digest_and_not_the_order() -> None:
    orders = {tuple(item["elementIdentifier"] for item in _items(issued())[SPACE]) for _ in range(20)}
    assert len(orders) > 1
    one, two = (mdoc.parse(issued()).security_object["valueDigests"][SPACE] for _ in range(2))
    assert not set(one.values()) & set(two.values())


@pytest.mark.parametrize(
    "change",
    [
        {"valid_until": None},
        {"valid_until": NOW - timedelta(days=1)},
        {"valid_from": NOW + timedelta(seconds=1)},
        {"claims": {**CLAIMS, "birthdate": "2008-02-30"}},
        {"claims": {**CLAIMS, "birthdate": 20080229}},
        {"claims": {**CLAIMS, "portrait": "https://example.org/p.png"}},
        {"claims": {**CLAIMS, "portrait": "data:image/png;base64,=="}},
    ],
    ids=["no end", "end before", "not yet", "no date", "number", "no picture", "picture of nothing"],
)
def test_a_document_that_cannot_be_a_mobile_one_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(FormatRefused):
        issued(**change)


def test_a_document_without_a_devices_key_is_refused() -> None:
    with pytest.raises(FormatRefused):
        mdoc.prepare(document(), None, secrets.token_bytes, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"mdoc": None},
        {"mdoc": MdocNames(DOCTYPE, ELEMENTS[1:])},
        {"claims": {**CLAIMS, "age": {"18": True, "20": False}}},
        {"claims": {**CLAIMS, "age": {}}},
        {"claims": {**CLAIMS, "age": {"18": {"since": True}}, "other": {"18": {"since": True}}}},
    ],
    ids=["no names", "claim without a place", "member without one", "no members", "deeper"],
)
def test_a_claim_that_would_not_be_signed_is_told_and_not_dropped(change: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        issued(**change)


def test_a_value_that_has_no_one_spelling_is_refused() -> None:
    with pytest.raises(MalformedInput):
        issued(claims={**CLAIMS, "is_first": 1.5})


def test_the_same_document_is_read_back() -> None:
    parsed = mdoc.parse(
        mdoc.seal(mdoc.prepare(document(), DEVICE.public_key, secrets.token_bytes, NOW), SIGNER)
    )
    assert mdoc.verify(parsed, SIGNER.public_key, now=NOW).claims == {
        "family_name": "青葉",
        "given_name": "桜",
        "birth_date": "2008-02-29",
        "age_over_18": True,
        **{name: CLAIMS[name] for name in ("graduation_date", "school", "courses", "is_first")},
    }
