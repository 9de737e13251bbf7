"""What every credential format has in common.

A format is five functions, with the same names in each folder:

    prepare(document, holder_key, random, now)          -> Prepared      lints, no signature yet
    seal(prepared, signer)                              -> bytes         the only place a document is signed
    parse(data, limits)                                 -> Parsed        untrusted; says which key it names
    verify(parsed, key, algorithms, now, expected)      -> Verified      or raises
    present(…) / verify_presentation(…)                 the second pair, for the holder's proof

The service resolves keys between `parse` and `verify` (`Parsed.key_reference`); status and schema checks stay
outside, because they need the network and the catalogue.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from tegata.errors import CryptographyFailed, Forbidden, LimitExceeded, MalformedInput, Text
from tegata.keys.signer import PublicKey

#: `random(n)` returns n unpredictable bytes; `secrets.token_bytes` outside tests.
Random = Callable[[int], bytes]

#: A claims path pointer (OID4VCI §C, OID4VP §7): member names, indices, and None for "all elements".
ClaimPath = tuple[str | int | None, ...]


class FormatRefused(MalformedInput):
    """The credential breaks its format; the report's check `format` fails."""

    kind = "format_refused"


class SignatureRefused(CryptographyFailed):
    """A signature or digest of the issuer does not hold; the report's check `signature` fails."""

    kind = "signature_refused"


class HolderBindingRefused(CryptographyFailed):
    """The holder's proof is missing, does not hold, or was made for somebody else or another time."""

    kind = "holder_binding_refused"
    text = Text(
        "本人のウォレットとの結び付きを確認できませんでした。",
        "The binding to the holder's wallet could not be confirmed.",
    )


class NotValidNow(Forbidden):
    """Before its start or after its end; the report's check `validity` fails."""

    kind = "not_valid_now"
    text = Text("有効期間の外です。", "Outside its period of validity.")


@dataclass(frozen=True, slots=True)
class StatusReference:
    """Where the status of one signed instance is published, in both renderings of the same entry."""

    index: int
    token_list: str
    revocation_list: str
    suspension_list: str


@dataclass(frozen=True, slots=True)
class TypeNames:
    """The signed names of one document type and its disclosure policy, as the catalogue gives them.

    `selectable` are the claim paths that the holder may hide; every other claim is always shown.
    `contexts` are the JSON-LD context URLs in order, `types` the W3C types in order.
    """

    vct: str
    vct_integrity: str
    contexts: tuple[str, ...]
    types: tuple[str, ...]
    selectable: tuple[ClaimPath, ...]
    decoys: int = 0


@dataclass(frozen=True, slots=True)
class MdocElement:
    """Where one claim stands in a mobile document.

    `path` are the names from the top of the claims to what the element holds. `kind` says how its text is written there:
    `full-date` for a calendar date, `picture` for the bytes of a data URL, empty for everything else.
    """

    path: tuple[str, ...]
    namespace: str
    identifier: str
    kind: Literal["", "full-date", "picture"] = ""


@dataclass(frozen=True, slots=True)
class MdocNames:
    """The signed names of one document type as a mobile document (ISO/IEC 18013-5 §7.1): replaceable data."""

    doctype: str
    elements: tuple[MdocElement, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One document as every format seals it. Claims are final: no format adds, drops or rewrites one.

    `issuer` is the school's https identifier (SD-JWT VC `iss`), `issuer_did` the same school for W3C formats;
    `issuer_name` maps language tags to the school's name. `identifier` is the W3C credential id (a URN) and is
    left out of copies, where it would link them. Instants are UTC and carry whole seconds. `mdoc` is there for types
    that are also mobile documents.
    """

    issuer: str
    issuer_did: str
    issuer_name: Mapping[str, str]
    names: TypeNames
    claims: Mapping[str, Any] = field(repr=False)
    valid_from: datetime
    valid_until: datetime | None = None
    identifier: str | None = None
    status: StatusReference | None = None
    mdoc: MdocNames | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an untrusted credential is looked at."""

    max_bytes: int = 262_144
    max_depth: int = 32
    max_disclosures: int = 1_000

    def check_size(self, data: bytes) -> None:
        """Raise `LimitExceeded` if there are more bytes than are looked at."""
        if len(data) > self.max_bytes:
            raise LimitExceeded(f"credential of {len(data)} bytes; at most {self.max_bytes} are read")


@dataclass(frozen=True, slots=True)
class KeyReference:
    """Which key an untrusted credential says it was signed with; the service decides whether to believe it.

    Exactly one way is filled in: `certificates` (DER, leaf first: `x5c`), `issuer` with `key_id`
    (jwt-vc-issuer metadata), or `verification_method` (an absolute URL with a fragment).
    """

    issuer: str = ""
    key_id: str = ""
    certificates: tuple[bytes, ...] = ()
    verification_method: str = ""
    algorithm: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the verifier asks of a presentation; `None` for nonce and audience means no holder proof is asked.

    `transcript` is what the device of a mobile document signs for, made of nonce, audience and answer address.
    `clock_skew` applies both ways. With `enforce_validity` off, the dates are returned and not judged: for a
    report that shows validity as a row of its own, never for a plain yes or no.
    """

    nonce: str | None = None
    audience: str | None = None
    transcript: bytes | None = None
    holder_binding_required: bool = False
    max_proof_age: timedelta = timedelta(minutes=10)
    clock_skew: timedelta = timedelta(seconds=60)
    enforce_validity: bool = True


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verified credential says, in words that no format owns.

    `types` are the vct, or the expanded type IRIs. `claims` holds only what was disclosed. `status` is None if
    the issuer published none. `holder_key` is the key the credential is bound to, `holder_proven` whether its
    owner signed this presentation.
    """

    format: str
    issuer: str
    types: tuple[str, ...]
    claims: Mapping[str, Any] = field(repr=False)
    algorithm: str
    key_id: str
    issued_at: datetime | None
    valid_from: datetime | None
    valid_until: datetime | None
    status: Mapping[str, Any] | tuple[Mapping[str, Any], ...] | None
    holder_key: PublicKey | None = None
    holder_proven: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def check_validity(self, now: datetime, skew: timedelta = timedelta(seconds=60)) -> None:
        """Raise `NotValidNow` if `now` lies outside the dates, each stretched by `skew`."""
        if self.valid_from is not None and now + skew < self.valid_from:
            raise NotValidNow(f"valid from {self.valid_from.isoformat()}", clause="VCDM 2.0 §4.9")
        if self.valid_until is not None and now - skew > self.valid_until:
            raise NotValidNow(f"valid until {self.valid_until.isoformat()}", clause="VCDM 2.0 §4.9")
