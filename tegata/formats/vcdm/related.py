"""Related resources that are at hand are the bytes that the issuer meant (VCDM 2.0 §5.3). Nothing is fetched."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from tegata.codec import base58, base64url
from tegata.codec.integrity import check_integrity
from tegata.errors import CryptographyFailed, MalformedInput
from tegata.formats.credential import FormatRefused
from tegata.formats.vcdm.rules import as_list, identifier_of

_CLAUSE = "VCDM 2.0 §5.3"
#: Multihash codes and the lengths that follow them (VC Data Integrity 1.0 §2.3).
_MULTIHASHES: Mapping[bytes, Callable[[bytes], Any]] = {
    b"\x12\x20": hashlib.sha256,
    b"\x20\x30": hashlib.sha384,
}
_PREFIX_BYTES = 2
_MAX_CHARACTERS = 512


def check_related(document: Mapping[str, Any], known: Callable[[str], bytes | None]) -> None:
    """Compare the digests of a credential's related resources with the resources that are known, by URL.

    Raises `FormatRefused` for one that differs, and for a digest of a known resource that cannot be read.
    """
    for item in as_list(document.get("relatedResource")):
        url = identifier_of(item) if isinstance(item, Mapping) else ""
        data = known(url)
        if data is None:
            continue
        try:
            if "digestSRI" in item:
                check_integrity(data, _text(item["digestSRI"]))
            if "digestMultibase" in item:
                _check_multihash(data, _text(item["digestMultibase"]))
        except (MalformedInput, CryptographyFailed) as error:
            raise FormatRefused(f"relatedResource: {error.detail}", clause=_CLAUSE) from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MAX_CHARACTERS:
        raise MalformedInput("a digest that is no text, or too long")
    return value


def _check_multihash(data: bytes, value: str) -> None:
    found = _multibase(value)
    digest = _MULTIHASHES.get(found[:_PREFIX_BYTES])
    if digest is None:
        raise MalformedInput("a digest without a known kind before it")
    if not hmac.compare_digest(digest(data).digest(), found[_PREFIX_BYTES:]):
        raise MalformedInput("the resource is another")


def _multibase(value: str) -> bytes:
    if value.startswith("z"):
        return base58.decode(value[1:])
    if value.startswith("u"):
        return base64url.decode(value[1:])
    raise MalformedInput("a digest in another base than base58btc and base64url")
