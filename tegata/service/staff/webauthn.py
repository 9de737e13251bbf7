"""The relying party's half of WebAuthn Level 3, as pure functions: options out, answers in and checked.

Attestation is not asked for and not looked at: staff are invited by name, and any authenticator that verifies its user
will do. User verification is always required. Challenges are made and remembered elsewhere.
"""

import hmac
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.webauthn import AttestationObject, AuthenticatorData

from tegata.codec import base64url, json
from tegata.errors import MalformedInput
from tegata.service.staff.errors import PasskeyCloned, PasskeyRefused

#: ES256, EdDSA, RS256 (Windows Hello), by preference.
ALGORITHMS = (-7, -8, -257)
TIMEOUT_MS = 300_000
_MAX_BYTES = 16_384
_MAX_CREDENTIAL_ID = 1023
_TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})
_PARSE_ERRORS = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    RecursionError,
    struct.error,
)
Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The service as authenticators know it: the host name, a name for people, and the one origin of its pages."""

    id: str
    origin: str
    name: str = "Tegata"


@dataclass(frozen=True, slots=True)
class Registration:
    """The answer to `navigator.credentials.create`, not checked yet."""

    client_data: bytes
    attestation_object: bytes
    transports: tuple[str, ...]
    challenge: str


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A credential that was registered: what has to be kept of it."""

    credential_id: str
    public_key_cose: bytes
    sign_count: int
    transports: tuple[str, ...]
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """The answer to `navigator.credentials.get`, not checked yet."""

    credential_id: str
    client_data: bytes
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes | None
    challenge: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a good assertion says of its authenticator."""

    sign_count: int
    backed_up: bool


def creation_options(
    party: RelyingParty, challenge: str, account_id: str, login: str, name: str, known: Sequence[str]
) -> dict[str, Any]:
    """Build `PublicKeyCredentialCreationOptionsJSON` (WebAuthn §5.4); `known` credentials are not made twice."""
    return {
        "rp": {"id": party.id, "name": party.name},
        "user": {"id": base64url.encode(account_id.encode("ascii")), "name": login, "displayName": name},
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS],
        "timeout": TIMEOUT_MS,
        "excludeCredentials": _descriptors(known),
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "required"},
        "attestation": "none",
    }


def request_options(party: RelyingParty, challenge: str, allowed: Sequence[str]) -> dict[str, Any]:
    """Build `PublicKeyCredentialRequestOptionsJSON` (WebAuthn §5.5); nothing allowed means any discoverable one."""
    return {
        "challenge": challenge,
        "timeout": TIMEOUT_MS,
        "rpId": party.id,
        "allowCredentials": _descriptors(allowed),
        "userVerification": "required",
    }


def parse_registration(answer: Any) -> Registration:
    """Read a `RegistrationResponseJSON`; raises `MalformedInput`."""
    response = _response(answer)
    client_data = _bytes(response, "clientDataJSON")
    transports = response.get("transports", [])
    if not isinstance(transports, list):
        raise MalformedInput("transports is not a list", clause="WebAuthn §5.2.1")
    return Registration(
        client_data=client_data,
        attestation_object=_bytes(response, "attestationObject"),
        transports=tuple(
            sorted(_TRANSPORTS.intersection(item for item in transports if isinstance(item, str)))
        ),
        challenge=_challenge_of(client_data),
    )


def parse_assertion(answer: Any) -> Assertion:
    """Read an `AuthenticationResponseJSON`; raises `MalformedInput`."""
    response = _response(answer)
    client_data = _bytes(response, "clientDataJSON")
    handle = response.get("userHandle")
    return Assertion(
        credential_id=base64url.encode(_bytes(answer, "rawId")),
        client_data=client_data,
        authenticator_data=_bytes(response, "authenticatorData"),
        signature=_bytes(response, "signature"),
        user_handle=None if handle is None else _bytes(response, "userHandle"),
        challenge=_challenge_of(client_data),
    )


def check_registration(registration: Registration, challenge: str, party: RelyingParty) -> NewPasskey:
    """Check a registration (WebAuthn §7.1, steps 7 to 20); raises `PasskeyRefused`."""
    _check_client_data(registration.client_data, "webauthn.create", challenge, party)
    attestation = _parse(AttestationObject, registration.attestation_object)
    data = attestation.auth_data
    _check_authenticator_data(data, party)
    credential = data.credential_data
    if credential is None or not 1 <= len(credential.credential_id) <= _MAX_CREDENTIAL_ID:
        raise PasskeyRefused("no credential in the registration", clause="WebAuthn §7.1")
    key = dict(credential.public_key)
    if key.get(3) not in ALGORITHMS:
        raise PasskeyRefused("an algorithm that was not asked for", clause="WebAuthn §7.1 step 20")
    public_key_cose = _parse(cbor.encode, key)
    _check_key_is_usable(public_key_cose)
    return NewPasskey(
        credential_id=base64url.encode(credential.credential_id),
        public_key_cose=public_key_cose,
        sign_count=data.counter,
        transports=registration.transports,
        backed_up=data.is_backed_up(),
    )


def check_assertion(
    assertion: Assertion, public_key_cose: bytes, challenge: str, party: RelyingParty
) -> Checked:
    """Check an assertion (WebAuthn §7.2, steps 10 to 21); raises `PasskeyRefused`. The counter is the caller's."""
    _check_client_data(assertion.client_data, "webauthn.get", challenge, party)
    data = _parse(AuthenticatorData, assertion.authenticator_data)
    _check_authenticator_data(data, party)
    signed = assertion.authenticator_data + sha256(assertion.client_data).digest()
    try:
        _key(public_key_cose).verify(signed, assertion.signature)
    except InvalidSignature:
        raise PasskeyRefused("the signature does not hold", clause="WebAuthn §7.2 step 21") from None
    except (UnsupportedAlgorithm, *_PARSE_ERRORS):
        raise PasskeyRefused("the signature cannot be checked", clause="WebAuthn §7.2 step 21") from None
    return Checked(data.counter, data.is_backed_up())


def check_counter(stored: int, given: int) -> None:
    """Raise `PasskeyCloned` where the signature counter did not grow (WebAuthn §6.1.1); 0 twice means none is kept."""
    if (stored or given) and given <= stored:
        raise PasskeyCloned(f"counter went from {stored} to {given}", clause="WebAuthn §7.2 step 22")


def _check_client_data(raw: bytes, kind: str, challenge: str, party: RelyingParty) -> None:
    data = _client_data(raw)
    if data.get("type") != kind:
        raise PasskeyRefused("another kind of ceremony", clause="WebAuthn §7.2 step 11")
    if not hmac.compare_digest(
        str(data.get("challenge")).encode("utf-8", "replace"), challenge.encode("ascii")
    ):
        raise PasskeyRefused("another challenge", clause="WebAuthn §7.2 step 12")
    if data.get("origin") != party.origin:
        raise PasskeyRefused("another origin", clause="WebAuthn §7.2 step 13")
    if data.get("crossOrigin", False) is not False:
        raise PasskeyRefused("from inside another site's page", clause="WebAuthn §7.2 step 14")


def _check_authenticator_data(data: AuthenticatorData, party: RelyingParty) -> None:
    if not hmac.compare_digest(data.rp_id_hash, sha256(party.id.encode("utf-8")).digest()):
        raise PasskeyRefused("another relying party", clause="WebAuthn §7.2 step 15")
    if not data.is_user_present():
        raise PasskeyRefused("nobody was present", clause="WebAuthn §7.2 step 16")
    if not data.is_user_verified():
        raise PasskeyRefused("the user was not verified", clause="WebAuthn §7.2 step 17")
    if data.is_backed_up() and not data.is_backup_eligible():
        raise PasskeyRefused("backed up but not eligible", clause="WebAuthn §7.2 step 18")


def _check_key_is_usable(public_key_cose: bytes) -> None:
    """Refuse a point off its curve and the like now, rather than at each sign-in."""
    try:
        _key(public_key_cose).verify(b"", b"")
    except InvalidSignature:
        return
    except (UnsupportedAlgorithm, *_PARSE_ERRORS):
        pass
    raise PasskeyRefused("not a usable public key", clause="WebAuthn §7.1 step 20")


def _key(public_key_cose: bytes) -> CoseKey:
    fields = cbor.decode(public_key_cose)
    if not isinstance(fields, dict) or fields.get(3) not in ALGORITHMS:
        raise PasskeyRefused("a key of another algorithm")
    return CoseKey.parse(fields)


def _descriptors(credential_ids: Iterable[str]) -> list[dict[str, str]]:
    return [{"type": "public-key", "id": item} for item in credential_ids]


def _response(answer: Any) -> dict[str, Any]:
    response = answer.get("response") if isinstance(answer, dict) else None
    if not isinstance(response, dict) or answer.get("type") != "public-key":
        raise MalformedInput("not an answer of a passkey", clause="WebAuthn §5.1")
    return response


def _bytes(fields: dict[str, Any], name: str) -> bytes:
    value = fields.get(name)
    if not isinstance(value, str) or not value or len(value) > _MAX_BYTES:
        raise MalformedInput(f"{name} is missing or too long", pointer=f"/{name}", clause="WebAuthn §5.1")
    return base64url.decode(value)


def _client_data(raw: bytes) -> dict[str, Any]:
    data = json.loads(raw, max_bytes=_MAX_BYTES, max_depth=8)
    if not isinstance(data, dict):
        raise MalformedInput("clientDataJSON is not an object", clause="WebAuthn §5.8.1")
    return data


def _challenge_of(raw: bytes) -> str:
    challenge = _client_data(raw).get("challenge")
    if not isinstance(challenge, str):
        raise MalformedInput("clientDataJSON has no challenge", clause="WebAuthn §5.8.1")
    return challenge


def _parse(read: Callable[[Any], Parsed], raw: Any) -> Parsed:
    try:
        return read(raw)
    except _PARSE_ERRORS:
        raise PasskeyRefused("what the authenticator sent cannot be read", clause="WebAuthn §6.1") from None
