"""Verifying: the issuer's signature, every digest, the dates, and the device's proof for this session."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegata.codec import cbor
from tegata.envelope import cose
from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput, NotFound, TegataError
from tegata.formats import mdoc
from tegata.formats.credential import (
    Expected,
    FormatRefused,
    HolderBindingRefused,
    Limits,
    NotValidNow,
    SignatureRefused,
)
from tegata.formats.mdoc import session
from tegata.keys import jwk
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner
from tests.tegata.formats.mdoc.documents import (
    CLAIMS,
    DEVICE,
    DOCTYPE,
    NOW,
    OTHER,
    SIGNER,
    SPACE,
    TRANSCRIPT,
    issued,
)

RAW = issued()
SHOWN = ((SPACE, "graduation_date"), (OTHER, "family_name"))
RESPONSE = mdoc.present(RAW, SHOWN, DEVICE, transcript=TRANSCRIPT)
BOUND = Expected(holder_binding_required=True)


def _verify(raw: bytes = RAW, **more: Any) -> Any:
    return mdoc.verify(mdoc.parse(raw), SIGNER.public_key, **{"now": NOW, **more})


def _accept(response: bytes = RESPONSE, transcript: bytes = TRANSCRIPT, **more: Any) -> Any:
    [parsed] = mdoc.parse_response(response)
    terms = {"now": NOW, "expected": BOUND, "transcript": transcript, **more}
    return mdoc.verify_presentation(parsed, SIGNER.public_key, **terms)


def test_a_whole_document_says_its_claims_dates_key_and_status() -> None:
    found = _verify()
    assert found.types == (DOCTYPE,)
    assert found.raw[SPACE]["graduation_date"] == CLAIMS["graduation_date"]
    assert (found.valid_from, found.valid_until) == (NOW, NOW + timedelta(days=365))
    assert jwk.thumbprint(found.holder_key) == DEVICE.public_key.key_id
    assert found.status == {"status_list": {"idx": 77, "uri": "https://issuer.example/status/1"}}
    assert not found.holder_proven


@pytest.mark.clause("ISO/IEC 18013-5 §9.3.1")
def test_a_presentation_shows_what_was_chosen_and_proves_the_device() -> None:
    found = _accept()
    assert found.claims == {"graduation_date": "2026-03-01", "family_name": "青葉"}
    assert found.holder_proven


@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_every_algorithm_signs_and_proves(algorithm: Algorithm) -> None:
    signer, device = SoftwareSigner.generate(algorithm), SoftwareSigner.generate(algorithm)
    response = mdoc.present(issued(signer, device), SHOWN, device, transcript=TRANSCRIPT)
    [parsed] = mdoc.parse_response(response)
    found = mdoc.verify_presentation(
        parsed, signer.public_key, now=NOW, expected=BOUND, transcript=TRANSCRIPT
    )
    assert found.holder_proven


@pytest.mark.clause("ISO/IEC 18013-5 §9.1.3.5")
def test_a_mac_proves_the_device_to_whoever_agreed_on_its_key() -> None:
    key = session.mac_key(b"s" * 32, TRANSCRIPT)
    response = mdoc.present(RAW, SHOWN, DEVICE, transcript=TRANSCRIPT, mac_key=key)
    assert _accept(response, mac_key=key).holder_proven
    for other in (None, session.mac_key(b"t" * 32, TRANSCRIPT)):
        with pytest.raises(HolderBindingRefused):
            _accept(response, mac_key=other)


def test_a_proof_for_another_session_or_by_another_device_is_refused() -> None:
    elsewhere = session.openid4vp_transcript(
        "x509_san_dns:example.com", "n-2", "https://example.com/response", None
    )
    with pytest.raises(HolderBindingRefused):
        _accept(transcript=elsewhere)
    stolen = mdoc.present(RAW, SHOWN, SoftwareSigner.generate(), transcript=TRANSCRIPT)
    with pytest.raises(HolderBindingRefused):
        _accept(stolen)


def test_without_a_device_nothing_is_proven_and_where_it_is_required_refused() -> None:
    assert not _verify().holder_proven
    with pytest.raises(HolderBindingRefused):
        _verify(expected=BOUND)


def test_another_key_or_an_algorithm_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        mdoc.verify(mdoc.parse(RAW), SoftwareSigner.generate().public_key, now=NOW)
    with pytest.raises(SignatureRefused):
        mdoc.verify(mdoc.parse(RAW), SIGNER.public_key, frozenset({Algorithm.EDDSA}), now=NOW)


def test_before_its_start_and_after_its_end_it_is_not_valid() -> None:
    for now in (NOW - timedelta(minutes=2), NOW + timedelta(days=366)):
        with pytest.raises(NotValidNow):
            _verify(now=now)
        assert _verify(now=now, expected=Expected(enforce_validity=False)).types == (DOCTYPE,)


Change = Callable[[dict[str, Any]], None]


def _changed(change: Change, response: bytes = RESPONSE) -> bytes:
    value = cbor.loads(response)
    change(value)
    return cbor.dumps(value)


def _item(value: Any) -> bytes:
    return cbor.dumps({"digestID": 0, "random": bytes(16), "elementIdentifier": "x", "elementValue": value})


REFUSED: dict[str, Change] = {
    "version": lambda value: value.update(version="1.1"),
    "status": lambda value: value.update(status=10),
    "errors": lambda value: value.update(documentErrors=[{DOCTYPE: 0}]),
    "no documents": lambda value: value.update(documents=[]),
    "documents": lambda value: value.update(documents={}),
    "another type": lambda value: value["documents"][0].update(docType="example.other.1"),
    "no type": lambda value: value["documents"][0].update(docType=None),
    "no device": lambda value: value["documents"][0].pop("deviceSigned"),
    "two proofs": lambda value: value["documents"][0]["deviceSigned"]["deviceAuth"].update(deviceMac=[]),
    "no proof": lambda value: value["documents"][0]["deviceSigned"].update(deviceAuth={}),
    "device says more": lambda value: value["documents"][0]["deviceSigned"].update(
        nameSpaces=cbor.embedded(cbor.dumps({SPACE: {"x": 1}}))
    ),
    "device says no map": lambda value: value["documents"][0]["deviceSigned"].update(
        nameSpaces=cbor.embedded(b"\x01")
    ),
    "device unwrapped": lambda value: value["documents"][0]["deviceSigned"].update(nameSpaces={}),
    "item swapped": lambda value: value["documents"][0]["issuerSigned"]["nameSpaces"].update(
        {SPACE: value["documents"][0]["issuerSigned"]["nameSpaces"][OTHER]}
    ),
    "item made up": lambda value: value["documents"][0]["issuerSigned"]["nameSpaces"].update(
        {SPACE: [cbor.embedded(_item("x"))]}
    ),
    "item of a number nobody signed": lambda value: value["documents"][0]["issuerSigned"][
        "nameSpaces"
    ].update({"other.1": [cbor.embedded(_item("x"))]}),
    "item twice": lambda value: value["documents"][0]["issuerSigned"]["nameSpaces"][SPACE].append(
        value["documents"][0]["issuerSigned"]["nameSpaces"][SPACE][0]
    ),
    "item unwrapped": lambda value: value["documents"][0]["issuerSigned"]["nameSpaces"].update(
        {SPACE: [_item("x")]}
    ),
    "no items": lambda value: value["documents"][0]["issuerSigned"]["nameSpaces"].update({SPACE: []}),
    "further members": lambda value: value["documents"][0]["issuerSigned"].update(x=1),
    "no signature": lambda value: value["documents"][0]["issuerSigned"].update(issuerAuth=None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_response_that_was_changed_is_refused(name: str) -> None:
    with pytest.raises((MalformedInput, CryptographyFailed)):
        _accept(_changed(REFUSED[name]))


def _signed(**changes: Any) -> bytes:
    """A document whose security object says something else, signed by the right key all the same."""
    value = cbor.loads(RAW)
    content = dict(cbor.loads(cbor.embedded_bytes(cbor.loads(value["issuerAuth"][2]))))
    content = {name: item for name, item in {**content, **changes}.items() if item is not ...}
    payload = cbor.dumps(cbor.embedded(cbor.dumps(content)))
    return cbor.dumps({**value, "issuerAuth": cose.sign1(payload, SIGNER)})


def _period(**changes: Any) -> dict[str, Any]:
    good = {name: cbor.Tag(0, "2026-04-01T03:00:00Z") for name in ("signed", "validFrom", "validUntil")}
    return {**good, **changes}


@pytest.mark.clause("ISO/IEC 18013-5 §9.1.2.4")
@pytest.mark.parametrize(
    "changes",
    [
        {"version": "2.0"},
        {"docType": ""},
        {"docType": 1},
        {"digestAlgorithm": "SHA-1"},
        {"digestAlgorithm": ...},
        {"valueDigests": []},
        {"deviceKeyInfo": ...},
        {"deviceKeyInfo": {"deviceKey": {1: 2}}},
        {"validityInfo": ...},
        {"validityInfo": _period(signed="2026-04-01T03:00:00Z")},
        {"validityInfo": _period(signed=cbor.Tag(0, "2026-04-01T03:00:00.5Z"))},
        {"validityInfo": _period(signed=cbor.Tag(0, "2026-04-01T03:00:00+09:00"))},
        {"validityInfo": _period(signed=cbor.Tag(1, 1))},
        {"validityInfo": _period(signed=cbor.Tag(0, "2026-04-01T03:00:01Z"))},
        {"validityInfo": _period(validUntil=cbor.Tag(0, "2026-03-01T03:00:00Z"))},
        {"status": []},
    ],
    ids=str,
)
def test_a_security_object_that_is_none_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(FormatRefused):
        _verify(_signed(**changes))
    assert _verify(_signed(validityInfo=_period())).types == (DOCTYPE,)


@pytest.mark.parametrize("algorithm", ["SHA-384", "SHA-512"])
def test_digests_of_another_kind_are_not_those_of_the_items(algorithm: str) -> None:
    with pytest.raises(SignatureRefused):
        _verify(_signed(digestAlgorithm=algorithm))


@pytest.mark.parametrize("value", [None, 1.5, cbor.Tag(37, b"x" * 16), {1: 2}, [cbor.Tag(2, b"x")]], ids=str)
def test_a_value_of_another_kind_is_refused(value: Any) -> None:
    raw = cbor.loads(RAW)
    item = cbor.embedded(
        cbor2.dumps({"digestID": 0, "random": bytes(16), "elementIdentifier": "x", "elementValue": value})
    )
    digest = sha256(cbor.dumps(item)).digest()
    signed = cbor.loads(_signed(valueDigests={SPACE: {0: digest}}))
    with pytest.raises(FormatRefused):
        _verify(cbor.dumps({**raw, "nameSpaces": {SPACE: [item]}, "issuerAuth": signed["issuerAuth"]}))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_one_changed_byte_is_refused(data: st.DataObject) -> None:
    raw = bytearray(RESPONSE)
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    try:
        found = _accept(bytes(raw))
    except TegataError:
        return
    # The chain stands outside the signature: then another one came, or none, and nobody will find the issuer's key.
    assert mdoc.parse_response(bytes(raw))[0].key_reference.certificates != (b"leaf",)
    assert found.claims == _accept().claims


@given(st.binary(max_size=80))
def test_arbitrary_bytes_raise_only_our_errors(data: bytes) -> None:
    for read in (mdoc.parse, mdoc.parse_response):
        with pytest.raises(MalformedInput):
            read(data)


def test_size_and_number_of_elements_are_bounded() -> None:
    with pytest.raises(LimitExceeded):
        mdoc.parse(RAW, Limits(max_bytes=100))
    with pytest.raises(LimitExceeded):
        mdoc.parse(RAW, Limits(max_disclosures=2))


def test_an_element_that_is_not_there_cannot_be_shown() -> None:
    with pytest.raises(NotFound):
        mdoc.present(RAW, [(SPACE, "unknown")], DEVICE, transcript=TRANSCRIPT)
