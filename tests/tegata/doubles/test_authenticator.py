"""The passkey in software."""

from pathlib import Path
from typing import Any

import cbor2
import pytest
from fido2.webauthn import AttestationObject, AuthenticatorData, CollectedClientData

from tegata.codec import base64url
from tegata.doubles.authenticator import Authenticator, DoubleRefused
from tegata.errors import Conflict, Forbidden, NotFound
from tegata.service.settings import Mode

ORIGIN = "https://issuer.example.jp"
CHALLENGE = base64url.encode(b"c" * 32)


def creation(**changes: Any) -> dict[str, Any]:
    options = {
        "rp": {"id": "issuer.example.jp", "name": "手形"},
        "user": {"id": base64url.encode(b"handle"), "name": "t-0412", "displayName": "名"},
        "challenge": CHALLENGE,
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
    }
    return options | changes


def request(**changes: Any) -> dict[str, Any]:
    return {"challenge": CHALLENGE, "rpId": "issuer.example.jp", "userVerification": "required"} | changes


def test_it_refuses_production() -> None:
    with pytest.raises(DoubleRefused):
        Authenticator(Mode.PRODUCTION, ORIGIN)


def test_an_independent_library_reads_its_registration() -> None:
    answer = Authenticator(Mode.DEMO, ORIGIN).create(creation())
    attestation = AttestationObject(base64url.decode(answer["response"]["attestationObject"]))
    client_data = CollectedClientData(base64url.decode(answer["response"]["clientDataJSON"]))
    assert attestation.fmt == "none"
    assert attestation.auth_data.is_user_verified()
    assert attestation.auth_data.credential_data is not None
    assert base64url.encode(attestation.auth_data.credential_data.credential_id) == answer["id"]
    assert (client_data.type, client_data.origin) == ("webauthn.create", ORIGIN)
    assert client_data.challenge == b"c" * 32


def test_an_independent_library_verifies_its_assertion() -> None:
    authenticator = Authenticator(Mode.TEST, ORIGIN)
    created = authenticator.create(creation())
    answer = authenticator.get(request())["response"]
    attestation = AttestationObject(base64url.decode(created["response"]["attestationObject"]))
    credential = attestation.auth_data.credential_data
    assert credential is not None
    data = AuthenticatorData(base64url.decode(answer["authenticatorData"]))
    client_data = CollectedClientData(base64url.decode(answer["clientDataJSON"]))
    credential.public_key.verify(data + client_data.hash, base64url.decode(answer["signature"]))
    assert data.counter == 1
    assert base64url.decode(answer["userHandle"]) == b"handle"


def test_it_speaks_for_its_own_site_only() -> None:
    authenticator = Authenticator(Mode.TEST, ORIGIN)
    assert authenticator.create(creation(rp={"id": "example.jp", "name": "x"}))["id"]
    for rp_id in ("other.jp", "r.example.jp", "sub.issuer.example.jp"):
        with pytest.raises(Forbidden):
            authenticator.create(creation(rp={"id": rp_id, "name": "x"}))


def test_it_does_not_register_twice_where_it_is_known() -> None:
    authenticator = Authenticator(Mode.TEST, ORIGIN)
    known = authenticator.create(creation())["id"]
    with pytest.raises(Conflict):
        authenticator.create(creation(excludeCredentials=[{"type": "public-key", "id": known}]))


def test_it_makes_no_key_of_an_algorithm_it_does_not_have() -> None:
    with pytest.raises(Forbidden):
        Authenticator(Mode.TEST, ORIGIN).create(
            creation(pubKeyCredParams=[{"type": "public-key", "alg": -8}])
        )


def test_it_answers_with_an_allowed_credential_only() -> None:
    authenticator = Authenticator(Mode.TEST, ORIGIN)
    first, _ = authenticator.create(creation())["id"], authenticator.create(creation())
    answer = authenticator.get(request(allowCredentials=[{"type": "public-key", "id": first}]))
    assert answer["id"] == first
    with pytest.raises(NotFound):
        authenticator.get(request(allowCredentials=[{"type": "public-key", "id": "AAAA"}]))
    with pytest.raises(NotFound):
        Authenticator(Mode.TEST, ORIGIN).get(request())


def test_it_says_what_it_claims_of_the_person() -> None:
    weak = Authenticator(Mode.TEST, ORIGIN, verifies_user=False)
    answer = weak.create(creation())
    attestation = cbor2.loads(base64url.decode(answer["response"]["attestationObject"]))
    assert attestation["authData"][32] == 0x41


def test_it_keeps_its_credentials_in_a_file_of_its_owner(tmp_path: Path) -> None:
    authenticator = Authenticator(Mode.TEST, ORIGIN)
    created = authenticator.create(creation())["id"]
    authenticator.get(request())
    path = tmp_path / "passkey.json"
    authenticator.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    loaded = Authenticator.load(Mode.TEST, path)
    answer = loaded.get(request())
    assert answer["id"] == created
    assert AuthenticatorData(base64url.decode(answer["response"]["authenticatorData"])).counter == 2
    with pytest.raises(DoubleRefused):
        Authenticator.load(Mode.PRODUCTION, path)
