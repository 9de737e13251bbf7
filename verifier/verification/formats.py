"""One door for all formats: opened without belief, verified with a key that somebody else chose."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial

from tegata.formats import data_integrity, sd_jwt_vc, vc_jwt
from tegata.formats.credential import Expected, Limits, Verified
from tegata.formats.jose_cose import Form
from tegata.formats.sd_jwt_vc import type_metadata, type_rules
from tegata.formats.sd_jwt_vc.type_metadata import TypeMetadata
from tegata.formats.vcdm.legacy import NONE, Legacy
from tegata.keys.signer import Algorithm, PublicKey
from verifier.oid4vp.dcql import LDP_VC, MSO_MDOC, SD_JWT_VC
from verifier.verification import envelopes
from verifier.verification.courses import check_courses, is_record
from verifier.verification.detecting import ENVELOPED, UnknownFormat
from verifier.verification.mobile import open_mobile
from verifier.verification.opened import Contexts, Opened, key_of_did, no_type_metadata

#: The formats whose credentials are W3C's: typed by IRIs, with status entries of that kind.
W3C_FORMATS = frozenset({LDP_VC, vc_jwt.FORMAT, *(form.value for form in Form)})
#: Reads the bytes of one file or presentation.
Opening = Callable[[bytes, Contexts, Limits, frozenset[Legacy]], tuple[Opened, ...]]


def open_credentials(
    data: bytes,
    format_name: str,
    contexts: Contexts,
    limits: Limits = Limits(),  # noqa: B008  frozen
    legacy: frozenset[Legacy] = NONE,
) -> tuple[Opened, ...]:
    """Open a presentation or a file; a W3C presentation may hold several credentials. `legacy`: older forms to accept.

    Raises `UnknownFormat`, `FormatRefused`, `LimitExceeded`, and `OldFormRefused` for one that is not accepted.
    """
    opening = _OPENINGS.get(format_name)
    if opening is None:
        raise UnknownFormat(f"format {format_name[:40]!r}")
    # COSE and CBOR are bytes; everything else is text, which files end with a line.
    is_binary = format_name.endswith("+cose") or format_name == MSO_MDOC
    return opening(data if is_binary else data.strip(), contexts, limits, legacy)


def _open_sd_jwt_vc(
    data: bytes, _contexts: Contexts, limits: Limits, _legacy: frozenset[Legacy] = NONE
) -> tuple[Opened, ...]:
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


def _open_ldp_vc(
    data: bytes, contexts: Contexts, limits: Limits, legacy: frozenset[Legacy]
) -> tuple[Opened, ...]:
    """Open a bare credential, or each credential of a presentation."""
    opened = partial(_opened_ldp_vc, contexts, limits)
    if data_integrity.is_presentation(data, limits):
        return envelopes.open_mixed_presentation(data, contexts, limits, opened, _open_sd_jwt_vc, legacy)
    return (opened(data_integrity.parse(data, contexts, limits, legacy=legacy)),)


def _opened_ldp_vc(contexts: Contexts, limits: Limits, parsed: data_integrity.Parsed) -> Opened:
    def verifying(
        key: PublicKey, algorithms: frozenset[Algorithm], *, now: datetime, expected: Expected, proof: bool
    ) -> Verified:
        if is_record(parsed.secured.types):
            check_courses(parsed.document, key, algorithms, contexts, limits, now)
        lenient = replace(expected, enforce_validity=False)
        if proof:
            return data_integrity.verify_presentation(
                parsed, key, algorithms, now=now, expected=lenient, holder_keys=key_of_did
            )
        bare = replace(lenient, holder_binding_required=False)
        return data_integrity.verify(parsed, key, algorithms, now=now, expected=bare, holder_keys=key_of_did)

    has_proof = parsed.presentation is not None and bool(parsed.presentation.proofs)
    return Opened(LDP_VC, parsed.issuer, parsed.key_reference, has_proof, verifying, no_type_metadata)


def _open_vc_jwt(
    data: bytes, contexts: Contexts, limits: Limits, legacy: frozenset[Legacy]
) -> tuple[Opened, ...]:
    parsed = vc_jwt.parse(data, contexts, limits, legacy=legacy)

    def verifying(
        key: PublicKey, algorithms: frozenset[Algorithm], *, now: datetime, expected: Expected, proof: bool
    ) -> Verified:
        del proof  # it comes with none
        bare = replace(expected, enforce_validity=False, holder_binding_required=False)
        return vc_jwt.verify(parsed, key, algorithms, now=now, expected=bare)

    opened = Opened(
        vc_jwt.FORMAT,
        parsed.issuer,
        parsed.key_reference,
        has_proof=False,
        verifying=verifying,
        check_type=no_type_metadata,
    )
    return (opened,)


def _open_enveloped(
    data: bytes, contexts: Contexts, limits: Limits, _legacy: frozenset[Legacy]
) -> tuple[Opened, ...]:
    return envelopes.open_enveloped(data, contexts, limits, _open_sd_jwt_vc)


def _opening_of(form: Form) -> Opening:
    def opening(
        data: bytes, contexts: Contexts, limits: Limits, _legacy: frozenset[Legacy]
    ) -> tuple[Opened, ...]:
        if form.is_presentation:
            return envelopes.open_jose_presentation(form, data, contexts, limits, _open_sd_jwt_vc)
        return envelopes.open_jose(form, data, contexts, limits)

    return opening


_OPENINGS: dict[str, Opening] = {
    SD_JWT_VC: _open_sd_jwt_vc,
    LDP_VC: _open_ldp_vc,
    ENVELOPED: _open_enveloped,
    MSO_MDOC: open_mobile,
    vc_jwt.FORMAT: _open_vc_jwt,
    **{form.value: _opening_of(form) for form in Form},
}
