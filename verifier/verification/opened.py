"""What every format looks like from here: opened without belief, with the way to verify it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tegata.formats.credential import Expected, KeyReference, Verified
from tegata.identity.did import resolve_key_did
from tegata.keys.signer import Algorithm, PublicKey

#: JSON-LD contexts by URL.
Contexts = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Opened:
    """One untrusted credential: what it says of itself, and the way to verify it.

    `issuer` and `key_reference` are claims. `has_proof`: a holder's proof came with it. `check_type` compares a
    verified credential with the description of its type, where its format has one.
    """

    format: str
    issuer: str
    key_reference: KeyReference
    has_proof: bool
    verifying: "Verifying" = field(repr=False)
    check_type: "TypeCheck" = field(repr=False)


class Verifying(Protocol):
    """Verifies one opened credential; with `proof`, its holder's proof as well."""

    def __call__(
        self,
        key: PublicKey,
        algorithms: frozenset[Algorithm],
        *,
        now: datetime,
        expected: Expected,
        proof: bool,
    ) -> Verified:
        """Raise `SignatureRefused`, `FormatRefused` or `HolderBindingRefused`; dates are not judged here."""


#: Compares a verified credential with its type metadata (vct to bytes); raises a `TegataError` where it differs.
TypeCheck = Callable[[Mapping[str, bytes], Verified], None]


def no_type_metadata(_documents: Mapping[str, bytes], _verified: Verified) -> None:
    """Accept: W3C credentials have no type metadata; their terms are fixed by pinned contexts."""


def key_of_did(identifier: str) -> PublicKey:
    """Return the key of a did:key or did:jwk, or of its method; raises `MalformedInput` for anything else."""
    return resolve_key_did(identifier).public_key
