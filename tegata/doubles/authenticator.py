"""A passkey in software: what a security key and a browser do together, in real WebAuthn bytes.

For the demo, for tests and for vendors who build against the console without a person at a screen. It says that it
verified its user and has verified nobody, so it refuses production.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tegata.codec import base64url, json
from tegata.errors import Conflict, Forbidden, Misconfigured, NotFound, Text
from tegata.service.settings import Mode

ES256 = -7
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40
_COORDINATE_BYTES = 32


class DoubleRefused(Misconfigured):
    """A double was asked to work in production."""

    kind = "double_refused"
    text = Text("本番環境では模擬のパスキーは使えません。", "A software passkey does not work in production.")


@dataclass(slots=True)
class Credential:
    """One credential inside the authenticator."""

    id: bytes
    rp_id: str
    user_handle: bytes
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    counter: int = 0


class Authenticator:
    """A software passkey in a browser that shows pages of one origin.

    `verifies_user` is what it claims of the person; `origin` may be another than the service's, to test refusals.
    """

    def __init__(self, mode: Mode, origin: str, *, verifies_user: bool = True) -> None:
        if mode is Mode.PRODUCTION:
            raise DoubleRefused("a software passkey in production")
        self.origin = origin
        self.verifies_user = verifies_user
        self.credentials: list[Credential] = []

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create` (WebAuthn §5.1.3) with a `RegistrationResponseJSON`.

        Raises `Forbidden` where the relying party is not of this origin or ES256 is not wanted, and `Conflict` where
        an excluded credential is here.
        """
        rp_id = self._rp_id(options["rp"].get("id"))
        if ES256 not in {item["alg"] for item in options["pubKeyCredParams"]}:
            raise Forbidden("the relying party does not take ES256")
        excluded = {item["id"] for item in options.get("excludeCredentials", [])}
        if any(base64url.encode(item.id) in excluded for item in self.credentials):
            raise Conflict("this authenticator is registered already", clause="WebAuthn §6.3.2 step 3")
        made = Credential(
            secrets.token_bytes(32),
            rp_id,
            base64url.decode(options["user"]["id"]),
            ec.generate_private_key(ec.SECP256R1()),
        )
        self.credentials.append(made)
        attested = bytes(16) + len(made.id).to_bytes(2, "big") + made.id + _cose_key(made.key)
        data = self._authenticator_data(made, _ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}, canonical=True)
        client_data = self._client_data("webauthn.create", options["challenge"])
        return _answer(
            made,
            clientDataJSON=base64url.encode(client_data),
            attestationObject=base64url.encode(attestation),
            transports=["internal"],
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get` (WebAuthn §5.1.4) with an `AuthenticationResponseJSON`.

        Raises `NotFound` where no credential here is allowed, and `Forbidden` for another site's relying party.
        """
        rp_id = self._rp_id(options.get("rpId"))
        allowed = {item["id"] for item in options.get("allowCredentials", [])}
        usable = [
            item
            for item in self.credentials
            if item.rp_id == rp_id and (not allowed or base64url.encode(item.id) in allowed)
        ]
        if not usable:
            raise NotFound("no credential for this relying party")
        chosen = usable[-1]
        chosen.counter += 1
        data = self._authenticator_data(chosen, 0)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(client_data).digest()
        return _answer(
            chosen,
            clientDataJSON=base64url.encode(client_data),
            authenticatorData=base64url.encode(data),
            signature=base64url.encode(chosen.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            userHandle=base64url.encode(chosen.user_handle),
        )

    def save(self, path: Path) -> None:
        """Write the credentials to a file that only its owner may read; the keys are not encrypted."""
        rows = [
            {
                "id": base64url.encode(item.id),
                "rp_id": item.rp_id,
                "user_handle": base64url.encode(item.user_handle),
                "counter": item.counter,
                "key": base64url.encode(_der(item.key)),
            }
            for item in self.credentials
        ]
        path.touch(mode=0o600)
        path.write_bytes(json.dumps({"origin": self.origin, "credentials": rows}))

    @classmethod
    def load(cls, mode: Mode, path: Path) -> "Authenticator":
        """Read what `save` wrote."""
        content = json.loads(path.read_bytes())
        loaded = cls(mode, content["origin"])
        for row in content["credentials"]:
            key = serialization.load_der_private_key(base64url.decode(row["key"]), None)
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise Misconfigured("not a key of a software passkey")
            made = Credential(
                base64url.decode(row["id"]),
                row["rp_id"],
                base64url.decode(row["user_handle"]),
                key,
                row["counter"],
            )
            loaded.credentials.append(made)
        return loaded

    def _rp_id(self, asked: str | None) -> str:
        """Return the relying party id as a browser allows it (WebAuthn §5.1.3 step 8)."""
        host = urlsplit(self.origin).hostname or ""
        rp_id = asked or host
        if host != rp_id and not host.endswith("." + rp_id):
            raise Forbidden(f"{rp_id} is not of {self.origin}", clause="WebAuthn §5.1.3")
        return rp_id

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False})

    def _authenticator_data(self, credential: Credential, more_flags: int) -> bytes:
        flags = _PRESENT | more_flags | (_VERIFIED if self.verifies_user else 0)
        rp_id_hash = hashlib.sha256(credential.rp_id.encode("utf-8")).digest()
        return rp_id_hash + bytes([flags]) + credential.counter.to_bytes(4, "big")


def _answer(credential: Credential, **response: Any) -> dict[str, Any]:
    encoded = base64url.encode(credential.id)
    return {
        "id": encoded,
        "rawId": encoded,
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": response,
    }


def _cose_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    numbers = key.public_key().public_numbers()
    x, y = (number.to_bytes(_COORDINATE_BYTES, "big") for number in (numbers.x, numbers.y))
    return cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: x, -3: y}, canonical=True)


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
