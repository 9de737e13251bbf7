"""The relying party's checks, one by one: in each test only one thing is wrong."""

from hashlib import sha256
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from tegata.codec import base64url, json
from tegata.doubles.authenticator import Authenticator
from tegata.errors import MalformedInput
from tegata.service.settings import Mode
from tegata.service.staff import webauthn
from tegata.service.staff.errors import PasskeyCloned, PasskeyRefused
from tegata.service.staff.webauthn import RelyingParty

ORIGIN = "https://issuer.example.jp"
PARTY = RelyingParty("issuer.example.jp", ORIGIN)
CHALLENGE = base64url.encode(b"c" * 32)
PRESENT_AND_VERIFIED = 0x05
KEY = ec.generate_private_key(ec.SECP256R1())


def cose(key: ec.EllipticCurvePrivateKey = KEY, **changes: Any) -> bytes:
    numbers = key.public_key().public_numbers()
    fields = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
    return cbor2.dumps(fields | {int(name[1:]) * -1: value for name, value in changes.items()})


def client_data(kind: str = "webauthn.get", **changes: Any) -> bytes:
    data = {"type": kind, "challenge": CHALLENGE, "origin": ORIGIN, "crossOrigin": False}
    return json.dumps(data | changes)


def authenticator_data(
    flags: int = PRESENT_AND_VERIFIED, rp_id: str = PARTY.id, counter: int = 1, more: bytes = b""
) -> bytes:
    return sha256(rp_id.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big") + more


def check(raw_client_data: bytes, data: bytes, key: ec.EllipticCurvePrivateKey = KEY) -> webauthn.Checked:
    signature = key.sign(data + sha256(raw_client_data).digest(), ec.ECDSA(hashes.SHA256()))
    assertion = webauthn.Assertion("id", raw_client_data, data, signature, None, CHALLENGE)
    return webauthn.check_assertion(assertion, cose(), CHALLENGE, PARTY)


def registration(**changes: Any) -> webauthn.Registration:
    values = {
        "public_key": cose(),
        "flags": 0x45,
        "credential_id": b"i" * 32,
        "client_data": client_data("webauthn.create"),
        "rp_id": PARTY.id,
    } | changes
    credential_id = values["credential_id"]
    attested = bytes(16) + len(credential_id).to_bytes(2, "big") + credential_id + values["public_key"]
    data = authenticator_data(
        values["flags"], values["rp_id"], more=attested if values["flags"] & 0x40 else b""
    )
    attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
    return webauthn.Registration(values["client_data"], attestation, (), CHALLENGE)


def test_a_good_assertion_tells_its_counter_and_whether_it_is_backed_up() -> None:
    assert check(client_data(), authenticator_data()) == webauthn.Checked(1, backed_up=False)
    assert check(client_data(), authenticator_data(0x1D, counter=7)) == webauthn.Checked(7, backed_up=True)


def test_members_that_browsers_add_are_ignored() -> None:
    assert (
        check(client_data(other_keys_can_be_added_here="do not compare"), authenticator_data()).sign_count
        == 1
    )


@pytest.mark.clause("WebAuthn §7.2")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "webauthn.create"}, "kind of ceremony"),
        ({"challenge": base64url.encode(b"d" * 32)}, "challenge"),
        ({"challenge": CHALLENGE + "="}, "challenge"),
        ({"origin": "https://evil.example"}, "origin"),
        ({"origin": ORIGIN + ":8443"}, "origin"),
        ({"origin": "http://issuer.example.jp"}, "origin"),
        ({"origin": ORIGIN + "/"}, "origin"),
        ({"origin": None}, "origin"),
        ({"crossOrigin": True}, "another site"),
        ({"crossOrigin": "false"}, "another site"),
    ],
)
def test_client_data_of_another_ceremony_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(PasskeyRefused, match=reason):
        check(client_data(**changes), authenticator_data())


@pytest.mark.clause("WebAuthn §7.2")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (authenticator_data(rp_id="example.jp"), "relying party"),
        (authenticator_data(0x04), "present"),
        (authenticator_data(0x01), "verified"),
        (authenticator_data(0x15), "eligible"),
        (authenticator_data(0x05, more=b"\x00"), "cannot be read"),
        (authenticator_data(0x85, more=b"\xa1"), "cannot be read"),
        (authenticator_data(0x45), "cannot be read"),
        (authenticator_data()[:36], "cannot be read"),
        (b"", "cannot be read"),
    ],
)
def test_authenticator_data_that_does_not_hold_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(PasskeyRefused, match=reason):
        check(client_data(), data)


def test_a_signature_by_another_key_is_refused() -> None:
    with pytest.raises(PasskeyRefused, match="signature does not hold"):
        check(client_data(), authenticator_data(), ec.generate_private_key(ec.SECP256R1()))


def test_bytes_that_are_no_signature_are_refused() -> None:
    assertion = webauthn.Assertion("id", client_data(), authenticator_data(), b"x", None, CHALLENGE)
    with pytest.raises(PasskeyRefused, match="signature does not hold"):
        webauthn.check_assertion(assertion, cose(), CHALLENGE, PARTY)


@pytest.mark.parametrize("key", [b"", b"\x01", cbor2.dumps({3: -7}), cbor2.dumps({1: 2, 3: -47})])
def test_a_stored_key_that_is_none_lets_nobody_in(key: bytes) -> None:
    assertion = webauthn.Assertion("id", client_data(), authenticator_data(), b"x", None, CHALLENGE)
    with pytest.raises(PasskeyRefused):
        webauthn.check_assertion(assertion, key, CHALLENGE, PARTY)


def test_keys_of_each_algorithm_we_ask_for_are_taken() -> None:
    signed = authenticator_data() + sha256(client_data()).digest()
    edwards = ed25519.Ed25519PrivateKey.generate()
    modern = cbor2.dumps({1: 1, 3: -8, -1: 6, -2: edwards.public_key().public_bytes_raw()})
    windows = rsa.generate_private_key(65537, 2048)
    modulus = windows.public_key().public_numbers().n.to_bytes(256, "big")
    old = cbor2.dumps({1: 3, 3: -257, -1: modulus, -2: b"\x01\x00\x01"})
    signatures = [
        (modern, edwards.sign(signed)),
        (old, windows.sign(signed, padding.PKCS1v15(), hashes.SHA256())),
    ]
    for key, signature in signatures:
        assertion = webauthn.Assertion("id", client_data(), authenticator_data(), signature, None, CHALLENGE)
        assert webauthn.check_assertion(assertion, key, CHALLENGE, PARTY).sign_count == 1
        assert webauthn.check_registration(registration(public_key=key), CHALLENGE, PARTY).sign_count == 1


@pytest.mark.clause("WebAuthn §6.1.1")
@pytest.mark.parametrize(
    ("stored", "given", "good"),
    [(0, 0, True), (0, 1, True), (1, 2, True), (1, 1, False), (2, 1, False), (1, 0, False)],
)
def test_a_counter_grows_or_is_not_kept_at_all(stored: int, given: int, good: bool) -> None:
    if good:
        assert webauthn.check_counter(stored, given) is None
        return
    with pytest.raises(PasskeyCloned):
        webauthn.check_counter(stored, given)


def test_a_good_registration_gives_what_has_to_be_kept() -> None:
    made = webauthn.check_registration(registration(), CHALLENGE, PARTY)
    assert made.credential_id == base64url.encode(b"i" * 32)
    assert cbor2.loads(made.public_key_cose) == cbor2.loads(cose())


@pytest.mark.clause("WebAuthn §7.1")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_data": client_data("webauthn.get")}, "kind of ceremony"),
        ({"client_data": client_data("webauthn.create", origin="https://evil.example")}, "origin"),
        ({"client_data": client_data("webauthn.create", challenge="other")}, "challenge"),
        ({"rp_id": "evil.example"}, "relying party"),
        ({"flags": 0x41}, "verified"),
        ({"flags": 0x44}, "present"),
        ({"flags": 0x05}, "no credential"),
        ({"credential_id": b""}, "no credential"),
        ({"credential_id": b"i" * 1024}, "no credential"),
        ({"public_key": cose(_2=b"\x01" * 32)}, "usable"),
        ({"public_key": cose(_1=2)}, "usable"),
        ({"public_key": cbor2.dumps({1: 2, 3: -7})}, "usable"),
        ({"public_key": cbor2.dumps({1: 2, 3: -47, -1: 8})}, "not asked for"),
        ({"public_key": cbor2.dumps({1: 4})}, "cannot be read"),
        ({"public_key": cbor2.dumps([1])}, "cannot be read"),
        ({"public_key": b""}, "cannot be read"),
        ({"public_key": b"\x81" * 5000}, "cannot be read"),
    ],
)
def test_a_registration_that_does_not_hold_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(PasskeyRefused, match=reason):
        webauthn.check_registration(registration(**changes), CHALLENGE, PARTY)


@pytest.mark.parametrize(
    "raw", [b"", b"\xff", b"\xa0", b"\x81" * 5000, cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": 1})]
)
def test_an_attestation_object_that_is_none_is_refused(raw: bytes) -> None:
    broken = webauthn.Registration(client_data("webauthn.create"), raw, (), CHALLENGE)
    with pytest.raises(PasskeyRefused, match="cannot be read"):
        webauthn.check_registration(broken, CHALLENGE, PARTY)


def answers() -> tuple[dict[str, Any], dict[str, Any]]:
    authenticator = Authenticator(Mode.TEST, ORIGIN)
    created = authenticator.create(
        webauthn.creation_options(PARTY, CHALLENGE, "a" * 32, "t-0412", "青葉　はるか", ())
    )
    return created, authenticator.get(webauthn.request_options(PARTY, CHALLENGE, [created["rawId"]]))


def test_the_answers_of_an_authenticator_are_read() -> None:
    created, got = answers()
    made = webauthn.check_registration(webauthn.parse_registration(created), CHALLENGE, PARTY)
    assertion = webauthn.parse_assertion(got)
    assert made.transports == ("internal",)
    assert (assertion.user_handle, assertion.challenge) == (b"a" * 32, CHALLENGE)
    assert webauthn.check_assertion(assertion, made.public_key_cose, CHALLENGE, PARTY).sign_count == 1


def test_transports_that_nobody_knows_are_left_out() -> None:
    created, _ = answers()
    created["response"]["transports"] = ["usb", "telepathy", 7, "usb"]
    assert webauthn.parse_registration(created).transports == ("usb",)
    created["response"]["transports"] = "usb"
    with pytest.raises(MalformedInput):
        webauthn.parse_registration(created)


@pytest.mark.parametrize("member", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("value", ["", 7, "a+b/", "QUJD=", "A" * 20_000])
def test_members_that_are_no_base64url_are_malformed(member: str, value: Any) -> None:
    _, got = answers()
    got["response"][member] = value
    with pytest.raises(MalformedInput):
        webauthn.parse_assertion(got)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"challenge":1}', b'{"challenge":"a","challenge":"b"}', b"\xff"]
)
def test_client_data_that_two_parsers_could_read_differently_is_malformed(raw: bytes) -> None:
    _, got = answers()
    got["response"]["clientDataJSON"] = base64url.encode(raw)
    with pytest.raises(MalformedInput):
        webauthn.parse_assertion(got)


def test_the_options_ask_for_what_is_checked_later() -> None:
    created = webauthn.creation_options(PARTY, CHALLENGE, "id", "login", "名", ["AAAA"])
    assert created["authenticatorSelection"] == {"residentKey": "preferred", "userVerification": "required"}
    assert created["excludeCredentials"] == [{"type": "public-key", "id": "AAAA"}]
    assert created["attestation"] == "none"
    asked = webauthn.request_options(PARTY, CHALLENGE, [])
    assert (asked["userVerification"], asked["rpId"], asked["allowCredentials"]) == ("required", PARTY.id, [])
