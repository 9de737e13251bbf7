"""COSE messages: the caller's key decides, the protected bytes are those that came, and one wrong byte is refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegata.codec import cbor
from tegata.envelope import cose
from tegata.errors import CryptographyFailed, MalformedInput
from tegata.keys.cose_key import from_cose_key
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner

SIGNER = SoftwareSigner.generate()
PAYLOAD = b"This is the content."


def _parsed(message: Any) -> cose.ParsedSign1:
    return cose.parse_sign1(cbor.loads(cbor.dumps(message)))


@pytest.mark.clause("RFC 9052 §4.4")
def test_the_example_of_the_standard_verifies() -> None:
    # RFC 9052 Appendix C.2.1 with the key of C.7.1 (`11`): data of the standard, free to use (BCP 78).
    message = bytes.fromhex(
        "d28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4"
        "d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36"
    )
    key = from_cose_key(
        {
            1: 2,
            -1: 1,
            -2: bytes.fromhex("bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff"),
            -3: bytes.fromhex("20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e"),
        }
    )
    parsed = cose.parse_sign1(cbor.loads(message))
    assert cose.verify_sign1(parsed, key) == PAYLOAD
    assert parsed.unprotected == {4: b"11"}


@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_what_is_signed_verifies_attached_and_detached_with_and_without_its_tag(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    attached = cose.sign1(PAYLOAD, signer, protected={3: "application/vc"}, external_aad=b"x")
    tagged = cbor.Tag(cose.SIGN1_TAG, attached)
    assert cose.verify_sign1(_parsed(tagged), signer.public_key, external_aad=b"x") == PAYLOAD
    detached = cose.sign1(PAYLOAD, signer, detached=True)
    assert cose.verify_sign1(_parsed(detached), signer.public_key, payload=PAYLOAD) == PAYLOAD
    assert _parsed(attached).protected == {
        1: {"ES256": -7, "ES384": -35, "EdDSA": -8}[algorithm.value],
        3: "application/vc",
    }


def test_a_payload_is_there_once() -> None:
    attached, detached = (
        _parsed(cose.sign1(PAYLOAD, SIGNER)),
        _parsed(cose.sign1(PAYLOAD, SIGNER, detached=True)),
    )
    with pytest.raises(CryptographyFailed):
        cose.verify_sign1(attached, SIGNER.public_key, payload=PAYLOAD)
    with pytest.raises(CryptographyFailed):
        cose.verify_sign1(detached, SIGNER.public_key)


def test_another_key_another_algorithm_and_another_context_are_refused() -> None:
    parsed = _parsed(cose.sign1(PAYLOAD, SIGNER))
    for key in (SoftwareSigner.generate().public_key, SoftwareSigner.generate(Algorithm.EDDSA).public_key):
        with pytest.raises(CryptographyFailed):
            cose.verify_sign1(parsed, key)
    with pytest.raises(CryptographyFailed):
        cose.verify_sign1(parsed, SIGNER.public_key, frozenset({Algorithm.EDDSA}))
    with pytest.raises(CryptographyFailed):
        cose.verify_sign1(parsed, SIGNER.public_key, external_aad=b"x")


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_one_changed_byte_is_refused(data: st.DataObject) -> None:
    raw = bytearray(cbor.dumps(cose.sign1(PAYLOAD, SIGNER)))
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises((MalformedInput, CryptographyFailed)):
        cose.verify_sign1(cose.parse_sign1(cbor.loads(bytes(raw))), SIGNER.public_key)


@pytest.mark.parametrize(
    "change",
    [{0: b"\xa1\x01\x01"}, {0: b"\xa0"}, {0: b""}, {0: b"\x01"}, {0: "x"}, {0: b"\xa2\x01\x26\x02\x81\x01"}, {1: []},
     {1: {1: -7}}, {1: {2: [1]}}, {2: "x"}, {2: 1}, {3: None}, {3: "x"}],
    ids=str,
)  # fmt: skip
def test_a_message_of_another_make_is_malformed(change: dict[int, Any]) -> None:
    message = cose.sign1(PAYLOAD, SIGNER)
    for index, value in change.items():
        message[index] = value
    with pytest.raises(MalformedInput):
        cose.parse_sign1(message)


@pytest.mark.parametrize(
    "value", [None, [], {}, b"", [b"", {}, b"", b"", b""], cbor.Tag(17, [b"", {}, b"", b""])]
)
def test_what_is_no_message_is_malformed(value: Any) -> None:
    with pytest.raises(MalformedInput):
        cose.parse_sign1(value)


@pytest.mark.clause("RFC 9052 §6.2")
def test_a_mac_holds_for_its_key_and_payload_alone() -> None:
    made = cose.mac0(PAYLOAD, b"k" * 32)
    cose.verify_mac0(made, b"k" * 32, payload=PAYLOAD)
    for key, payload in ((b"j" * 32, PAYLOAD), (b"k" * 32, PAYLOAD + b".")):
        with pytest.raises(CryptographyFailed):
            cose.verify_mac0(made, key, payload=payload)
    for index, value in ((0, cbor.dumps({1: 4})), (2, PAYLOAD), (3, b"")):
        changed = list(made)
        changed[index] = value
        with pytest.raises(CryptographyFailed):
            cose.verify_mac0(changed, b"k" * 32, payload=PAYLOAD)


@pytest.mark.clause("RFC 9360 §2")
def test_a_chain_is_one_certificate_or_a_list() -> None:
    for chain in ((b"leaf",), (b"leaf", b"ca")):
        signer = SIGNER.with_certificates(chain)
        header = cose.certificate_header(signer)
        assert cose.certificates_of(_parsed(cose.sign1(PAYLOAD, signer, unprotected=header))) == chain
    assert cose.certificate_header(SIGNER) == {}
    for wrong in ("x", [], ["x"], [b"x"] * 6, 1):
        with pytest.raises(MalformedInput):
            cose.certificates_of(_parsed(cose.sign1(PAYLOAD, SIGNER, unprotected={33: wrong})))
