"""The wallet's folder: one JSON file per credential, with the private key it is bound to."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tegata.codec import json
from tegata.errors import NotFound
from tegata.keys.software import SoftwareSigner


@dataclass(frozen=True, slots=True)
class Held:
    """A credential in the wallet: its format, the credential itself, and the key it is bound to."""

    identifier: str
    format: str
    configuration_id: str
    credential_issuer: str
    credential: Any
    private_key_pem: str

    def signer(self) -> SoftwareSigner:
        """Return the signer for the holder's key."""
        key = serialization.load_pem_private_key(self.private_key_pem.encode("ascii"), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
            raise NotFound("the wallet's file holds no key that it made")
        return SoftwareSigner.from_private_key(key)


def new_key() -> tuple[SoftwareSigner, str]:
    """Make a P-256 key for one credential; returns its signer and its PEM, which only the wallet's file holds."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SoftwareSigner.from_private_key(key), pem.decode("ascii")


class WalletStore:
    """A folder of held credentials, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def add(self, **fields: Any) -> Held:
        """Keep a credential; returns it with its new identifier."""
        held = Held(identifier=secrets.token_hex(8), **fields)
        target = self._folder / f"{held.identifier}.json"
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps({name: getattr(held, name) for name in Held.__slots__}))
        return held

    def all(self) -> tuple[Held, ...]:
        """Return every held credential, oldest first."""
        paths = sorted(self._folder.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        return tuple(Held(**json.loads(path.read_bytes())) for path in paths)

    def get(self, identifier: str) -> Held:
        """Return one held credential; raises `NotFound`."""
        for held in self.all():
            if held.identifier == identifier:
                return held
        raise NotFound(f"no credential {identifier} in this wallet")
