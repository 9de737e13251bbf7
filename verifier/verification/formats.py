"""One door for all formats: opened without belief, verified with a key that somebody else chose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from tegata.errors import MalformedInput, Text
from tegata.formats import data_integrity, sd_jwt_vc
from tegata.formats.credential import Expected, KeyReference, Limits, Verified
from tegata.formats.sd_jwt_vc import type_metadata, type_rules
from tegata.formats.sd_jwt_vc.type_metadata import TypeMetadata
from tegata.identity.did import resolve_key_did
from tegata.keys.signer import Algorithm, PublicKey
from verifier.oid4vp.dcql import LDP_VC, SD_JWT_VC

#: JSON-LD contexts by URL.
Contexts = Mapping[str, bytes]


class UnknownFormat(MalformedInput):
    """The bytes are of no format that is verified here."""

    kind = "unknown_format"
    text = Text("この形式の証明書は検証できません。", "Certificates of this format cannot be verified here.")


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
#: Reads the bytes of one file or presentation.
Opening = Callable[[bytes, Contexts, Limits], tuple[Opened, ...]]


def detect(data: bytes) -> str:
    """Say which format the bytes could be, by their first look; raises `UnknownFormat`."""
    start = data.lstrip()[:1]
    if start == b"{":
        return LDP_VC
    if b"~" in data and data.count(b".", 0, data.index(b"~")) == 2:  # noqa: PLR2004  a compact JWS has two dots
        return SD_JWT_VC
    raise UnknownFormat("neither JSON nor an SD-JWT")


def open_credentials(
    data: bytes,
    format_name: str,
    contexts: Contexts,
    limits: Limits = Limits(),  # noqa: B008  frozen
) -> tuple[Opened, ...]:
    """Open a presentation or a file; a W3C presentation may hold several credentials.

    Raises `UnknownFormat`, `FormatRefused`, `LimitExceeded`.
    """
    opening = _OPENINGS.get(format_name)
    if opening is None:
        raise UnknownFormat(f"format {format_name[:40]!r}")
    return opening(data.strip(), contexts, limits)


def _open_sd_jwt_vc(data: bytes, _contexts: Contexts, limits: Limits) -> tuple[Opened, ...]:
    parsed = sd_jwt_vc.parse(data, limits)

    def verifying(
        key: PublicKey, algorithms: frozenset[Algorithm], *, now: datetime, expected: Expected, proof: bool
    ) -> Verified:
        lenient = replace(expected, enforce_validity=False)
        if proof:
            return sd_jwt_vc.verify_presentation(parsed, key, algorithms, now=now, expected=lenient)
        bare = replace(lenient, holder_binding_required=False)
        return sd_jwt_vc.verify(parsed, key, algorithms, now=now, expected=bare)

    def check_type(documents: Mapping[str, bytes], verified: Verified) -> None:
        integrity = str(parsed.payload.get("vct#integrity", ""))
        vct = verified.types[0]
        metadata = _type_metadata(vct, documents.get(vct, b""), integrity)
        type_rules.check_type_rules(metadata, parsed, verified)

    reference = parsed.key_reference
    return (Opened(SD_JWT_VC, reference.issuer, reference, bool(parsed.key_binding), verifying, check_type),)


@lru_cache(maxsize=64)
def _type_metadata(vct: str, document: bytes, integrity: str) -> TypeMetadata:
    return type_metadata.resolve(vct, {vct: document} if document else {}, integrity)


def _open_ldp_vc(data: bytes, contexts: Contexts, limits: Limits) -> tuple[Opened, ...]:
    """Open a bare credential, or each credential of a presentation."""
    if data_integrity.is_presentation(data, limits):
        return tuple(
            _opened_ldp_vc(item) for item in data_integrity.parse_presentation(data, contexts, limits)
        )
    return (_opened_ldp_vc(data_integrity.parse(data, contexts, limits)),)


def _opened_ldp_vc(parsed: data_integrity.Parsed) -> Opened:
    def verifying(
        key: PublicKey, algorithms: frozenset[Algorithm], *, now: datetime, expected: Expected, proof: bool
    ) -> Verified:
        lenient = replace(expected, enforce_validity=False)
        if proof:
            return data_integrity.verify_presentation(
                parsed, key, algorithms, now=now, expected=lenient, holder_keys=_key_of_did
            )
        bare = replace(lenient, holder_binding_required=False)
        return data_integrity.verify(parsed, key, algorithms, now=now, expected=bare, holder_keys=_key_of_did)

    has_proof = parsed.presentation is not None and bool(parsed.presentation.proofs)
    return Opened(LDP_VC, parsed.issuer, parsed.key_reference, has_proof, verifying, _no_type_metadata)


def _no_type_metadata(_documents: Mapping[str, bytes], _verified: Verified) -> None:
    """Accept: W3C credentials have no type metadata; their terms are fixed by pinned contexts."""


def _key_of_did(identifier: str) -> PublicKey:
    return resolve_key_did(identifier).public_key


_OPENINGS: dict[str, Opening] = {SD_JWT_VC: _open_sd_jwt_vc, LDP_VC: _open_ldp_vc}
