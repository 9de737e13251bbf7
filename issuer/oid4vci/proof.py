"""Key proofs of type `jwt` (OID4VCI 1.0 §8.2.1.1, §F.1): the wallet shows that it holds the key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from issuer.oid4vci.errors import InvalidNonce, InvalidProof
from tegata.codec import json
from tegata.envelope import jws
from tegata.errors import CryptographyFailed, MalformedInput, TegataError
from tegata.identity import did
from tegata.identity.chain import leaf_key, read_certificate
from tegata.keys import jwk
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey

TYP = "openid4vci-proof+jwt"
MAX_BYTES = 16_384
WINDOW = timedelta(minutes=5)
SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof whose signature holds: the holder's key, and the nonce it was made for (not judged here)."""

    key: PublicKey
    nonce: str


def check_all(
    proofs: Sequence[str],
    credential_issuer: str,
    now: datetime,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
) -> tuple[Proof, ...]:
    """Check every element; one that fails refuses the request (§8.2.1.1).

    Raises `InvalidProof`, also for two proofs of one key (§8.3) or different nonces in one request.
    """
    checked = tuple(check(proof, credential_issuer, now, algorithms) for proof in proofs)
    if len({jwk.thumbprint(proof.key) for proof in checked}) != len(checked):
        raise InvalidProof("two proofs for one key", clause="OID4VCI 1.0 §8.3")
    if len({proof.nonce for proof in checked}) > 1:
        raise InvalidProof("the proofs of one request have different nonces")
    return checked


def check(
    proof: str, credential_issuer: str, now: datetime, algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS
) -> Proof:
    """Check one proof JWT.

    1. It is a JWS with `typ` openid4vci-proof+jwt and an asymmetric algorithm that we accept.
    2. Exactly one of `jwk`, `kid` (a did:key or did:jwk URL) and `x5c` names the key; no private part.
    3. The signature holds with that key.
    4. `aud` is this Credential Issuer, `iat` is recent, `nonce` is there.
    """
    try:
        parsed = jws.parse(proof, max_bytes=MAX_BYTES)
        if parsed.header.get("typ") != TYP:
            raise InvalidProof("the proof's typ is not openid4vci-proof+jwt", clause="OID4VCI 1.0 §F.1")
        key = _key(parsed.header)
        jws.verify(parsed, key, algorithms)
        claims = json.loads(parsed.payload)
    except InvalidProof:
        raise
    except (MalformedInput, CryptographyFailed) as error:
        raise InvalidProof(f"proof: {error.detail}", clause="OID4VCI 1.0 §F.1") from None
    if not isinstance(claims, dict) or claims.get("aud") not in (credential_issuer, [credential_issuer]):
        raise InvalidProof("the proof's audience is not this issuer", clause="OID4VCI 1.0 §F.1")
    _check_time(claims.get("iat"), now)
    nonce = claims.get("nonce")
    if nonce is None:
        raise InvalidProof("the proof has no nonce", clause="OID4VCI 1.0 §8.3.1.2")
    if not isinstance(nonce, str):
        raise InvalidNonce("the nonce is not a string")
    return Proof(key, nonce)


def _key(header: Mapping[str, Any]) -> PublicKey:
    named = [name for name in ("jwk", "kid", "x5c") if name in header]
    if len(named) != 1:
        raise InvalidProof(f"exactly one of jwk, kid and x5c is required, not {named}")
    if "trust_chain" in header:
        raise InvalidProof("trust_chain is not supported")
    value = header[named[0]]
    try:
        if named[0] == "jwk":
            return jwk.from_jwk(value)
        if named[0] == "kid":
            return did.resolve_key_did(value).public_key
        return _leaf_key(value)
    except InvalidProof:
        raise
    except (TegataError, AttributeError, TypeError, ValueError) as error:
        raise InvalidProof(f"the proof's key cannot be read: {error}") from None


def _leaf_key(chain: object) -> PublicKey:
    """Read the key of the leaf; the chain proves nothing to us, so nothing is concluded from it."""
    certificates = jws.certificates_of({"x5c": chain})
    if not certificates:
        raise InvalidProof("x5c is not an array of certificates")
    return leaf_key(read_certificate(certificates[0]))


def _check_time(iat: object, now: datetime) -> None:
    if isinstance(iat, bool) or not isinstance(iat, int | float):
        raise InvalidProof("the proof has no iat", clause="OID4VCI 1.0 §F.1")
    try:
        made = datetime.fromtimestamp(iat, UTC)
    except (OverflowError, OSError, ValueError):
        raise InvalidProof("the proof's iat is no instant") from None
    if made > now + SKEW or made < now - WINDOW - SKEW:
        raise InvalidProof("the proof was not made just now", clause="OID4VCI 1.0 §F.1")
