"""The root key in its file: sealed, written once, and taken away when the intermediate authority stands.

With a passphrase the file is sealed under a key derived from it (scrypt, RFC 7914) and opens anywhere. Without one it
is sealed under the installation's key-encryption key: for a demo or a test, never for production.
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from issuer.registrar.errors import RootKeyMissing, RootKeyNeedsPassphrase
from issuer.settings import IssuerSettings
from tegata.codec import json
from tegata.errors import CryptographyFailed, MalformedInput
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner, open_private_key, seal_private_key
from tegata.service.settings import Mode

_CONTEXT = "issuer/registrar/root"
_VERSION = 1
_SALT_BYTES = 16
_KEY_BYTES = 32
_MAX_BYTES = 16_384
#: 2^17 blocks of 8: 128 MiB, about half a second; asked for once in many years.
_COST, _BLOCK, _LANES = 2**17, 8, 1
_SEALED_BY_PASSPHRASE, _SEALED_BY_INSTALLATION = "scrypt", "key_encryption_key"


def default_path(settings: IssuerSettings) -> Path:
    """Return where the root key is kept unless the operator says otherwise."""
    return settings.data_directory / "registrar" / "root.json"


def create(path: Path, settings: IssuerSettings, passphrase: str = "") -> SoftwareSigner:
    """Make the root key and write its file, readable by its owner alone; an existing file is never overwritten.

    Raises `RootKeyNeedsPassphrase` in production without a passphrase, and `RootKeyMissing` if the file cannot be
    written.
    """
    if not passphrase and settings.mode is Mode.PRODUCTION:
        raise RootKeyNeedsPassphrase("no passphrase")
    signer = SoftwareSigner.generate(Algorithm.ES384)
    salt = secrets.token_bytes(_SALT_BYTES) if passphrase else b""
    sealed = seal_private_key(signer, _key(settings, passphrase, salt), _CONTEXT)
    content = {
        "version": _VERSION,
        "sealed_by": _SEALED_BY_PASSPHRASE if passphrase else _SEALED_BY_INSTALLATION,
        "salt": base64.b64encode(salt).decode("ascii"),
        "sealed": base64.b64encode(sealed).decode("ascii"),
    }
    try:
        _write(path, json.dumps(content))
    except OSError as error:
        raise RootKeyMissing(f"{path} cannot be written: {type(error).__name__}") from None
    return signer


def load(path: Path, settings: IssuerSettings, passphrase: str = "") -> SoftwareSigner:
    """Open the root key's file; raises `RootKeyMissing` if it is not there, is damaged, or does not open."""
    try:
        content = json.loads(path.read_bytes(), max_bytes=_MAX_BYTES)
        salt = base64.b64decode(content["salt"], validate=True)
        sealed = base64.b64decode(content["sealed"], validate=True)
        if content["version"] != _VERSION or (content["sealed_by"] == _SEALED_BY_PASSPHRASE) != bool(
            passphrase
        ):
            raise RootKeyMissing("a passphrase is missing, or none is expected")
        return open_private_key(sealed, _key(settings, passphrase, salt), _CONTEXT)
    except (OSError, KeyError, TypeError, ValueError, MalformedInput, CryptographyFailed) as error:
        raise RootKeyMissing(f"{path}: {type(error).__name__}") from None


def _key(settings: IssuerSettings, passphrase: str, salt: bytes) -> bytes:
    if not passphrase:
        return settings.key_encryption_bytes()
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_COST, r=_BLOCK, p=_LANES).derive(
        passphrase.encode("utf-8")
    )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The link from the finished file makes a half-written key impossible, and fails where one exists.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
