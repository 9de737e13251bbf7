"""The DID that stands for a holder's key, as a credential's subject and a presentation's holder."""

from collections.abc import Mapping, Sequence
from typing import Any

from tegata.codec import base64url, json
from tegata.errors import MalformedInput
from tegata.formats.vcdm import model
from tegata.keys import jwk, multikey
from tegata.keys.signer import PublicKey

_DID_KEY, _DID_JWK = "did:key:", "did:jwk:"


def subject_identifier(key: PublicKey) -> str:
    """Return the DID that stands for a holder's key: the did:jwk it is named by, if it is that key's, else its did:key.

    The name is compared with the key, because a wallet chooses its key's `kid`.
    """
    did = key.key_id.partition("#")[0]
    if did.startswith(_DID_JWK):
        try:
            named = jwk.from_jwk(json.loads(base64url.decode(did.removeprefix(_DID_JWK))))
            if jwk.thumbprint(named) == jwk.thumbprint(key):
                return did
        except MalformedInput:
            pass
    return _DID_KEY + multikey.encode(key)


def verification_method(did: str) -> str:
    """Return the one verification method of a did:key or did:jwk."""
    return f"{did}#{did.removeprefix(_DID_KEY) if did.startswith(_DID_KEY) else '0'}"


def holder_of(credentials: Sequence[Mapping[str, Any]], key: PublicKey) -> str:
    """Return whom credentials are bound to: the first subject that is a key's DID, else the DID of the key."""
    for credential in credentials:
        for subject in model.as_list(credential.get("credentialSubject")):
            identifier = model.identifier_of(subject)
            if identifier.startswith((_DID_KEY, _DID_JWK)):
                return identifier
    return subject_identifier(key)
