"""The holder's proof for one reader: a Key Binding JWT (RFC 9901 §4.3)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tegata.codec import base64url, json
from tegata.envelope import jws
from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput
from tegata.formats.credential import Expected, HolderBindingRefused
from tegata.keys.signer import Algorithm, PublicKey, Signer

KEY_BINDING_TYP = "kb+jwt"
_KEY_BINDING_BYTES = 8_192


def sign(bound: str, signer: Signer, *, audience: str, nonce: str, now: datetime) -> str:
    """Sign for one audience and nonce what is shown: the SD-JWT up to and including its last tilde."""
    claims = {
        "iat": int(now.timestamp()),
        "aud": audience,
        "nonce": nonce,
        "sd_hash": sd_hash(bound.encode("ascii")),
    }
    # The key is named by the credential's cnf; a kid of the holder's would only add a handle.
    return jws.sign({"typ": KEY_BINDING_TYP}, json.dumps(claims), signer, name_key=False)


def sd_hash(bound: bytes) -> str:
    """Return the digest over the ASCII bytes that a key binding JWT signs for (RFC 9901 §4.3.1)."""
    return base64url.encode(hashlib.sha256(bound).digest())


def check(
    proof: str,
    bound: bytes,
    holder_key: PublicKey,
    algorithms: frozenset[Algorithm],
    now: datetime,
    expected: Expected,
) -> None:
    """Check a holder's proof over `bound`, for the audience and nonce that are expected, made just now (§7.3).

    Raises `HolderBindingRefused`.
    """
    try:
        token = jws.parse(proof, max_bytes=_KEY_BINDING_BYTES)
        if token.header.get("typ") != KEY_BINDING_TYP:
            raise HolderBindingRefused("the holder's proof is not a kb+jwt", clause="RFC 9901 §4.3")
        jws.verify(token, holder_key, algorithms)
        claims = json.loads(token.payload)
    except HolderBindingRefused:
        raise
    except (MalformedInput, LimitExceeded, CryptographyFailed) as error:
        raise HolderBindingRefused(f"key binding: {error.detail}", clause="RFC 9901 §7.3") from None
    if not isinstance(claims, dict):
        raise HolderBindingRefused("the holder's proof has no claims", clause="RFC 9901 §4.3")
    _check_equal(claims, "aud", expected.audience)
    _check_equal(claims, "nonce", expected.nonce)
    _check_equal(claims, "sd_hash", sd_hash(bound))
    made = claims.get("iat")
    if isinstance(made, bool) or not isinstance(made, int | float):
        raise HolderBindingRefused("the holder's proof has no iat", clause="RFC 9901 §4.3")
    age = now.timestamp() - made
    if (
        age < -expected.clock_skew.total_seconds()
        or age > (expected.max_proof_age + expected.clock_skew).total_seconds()
    ):
        raise HolderBindingRefused("the holder's proof was not made just now", clause="RFC 9901 §7.3")


def _check_equal(claims: Mapping[str, Any], name: str, wanted: str | None) -> None:
    found = claims.get(name)
    if (
        wanted is None
        or not isinstance(found, str)
        or not hmac.compare_digest(found.encode(), wanted.encode())
    ):
        raise HolderBindingRefused(f"the holder's proof has another {name}", clause="RFC 9901 §7.3")
