"""Taking a credential or a presentation apart: bounded, strict, and believing nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tegata.codec import json
from tegata.errors import LimitExceeded, MalformedInput
from tegata.formats.credential import FormatRefused, KeyReference, Limits
from tegata.formats.data_integrity import suites
from tegata.formats.linked_data.json_ld import Contexts
from tegata.formats.vcdm import model
from tegata.formats.vcdm.legacy import NONE, Legacy
from tegata.formats.vcdm.related import check_related

MEDIA_TYPE = "application/vc"
PRESENTATION_MEDIA_TYPE = "application/vp"
_MAX_CREDENTIALS = 16
_MAX_PROOFS = 8


@dataclass(frozen=True, slots=True)
class Presentation:
    """An untrusted presentation: who says they hold it, and its proofs; without proofs nobody signed it.

    `enveloped` are the credentials in it that are secured in another way (VCDM 2.0 §4.13), as they stand there.
    """

    document: Mapping[str, Any]
    holder: str
    proofs: tuple[Mapping[str, Any], ...]
    secured: suites.Secured = field(repr=False)
    enveloped: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """An untrusted credential, its proofs, and the presentation that it came in, if any.

    `key_reference` names the key of the issuer's proof: the first whose key the issuer controls by its name.
    """

    document: Mapping[str, Any]
    issuer: str
    proofs: tuple[Mapping[str, Any], ...]
    key_reference: KeyReference
    secured: suites.Secured = field(repr=False)
    presentation: Presentation | None = None


def parse(
    data: bytes,
    contexts: Mapping[str, bytes] | Contexts,
    limits: Limits = Limits(),  # noqa: B008  frozen
    *,
    legacy: frozenset[Legacy] = NONE,
) -> Parsed:
    """Take a credential apart; `legacy` are the older ways that it may be of.

    Raises `LimitExceeded` or `FormatRefused`; what comes back is a conforming credential (VCDM 2.0 §1.3) whose every
    value its proofs would cover, and nothing more.
    """
    return _credential(_load(data, limits), Contexts.of(contexts), None, legacy)


def parse_presentation(
    data: bytes,
    contexts: Mapping[str, bytes] | Contexts,
    limits: Limits = Limits(),  # noqa: B008  frozen
) -> tuple[Parsed, ...]:
    """Take a presentation apart into its credentials, each of which knows the presentation.

    Raises `LimitExceeded` or `FormatRefused`, also for a presentation of no credential, or of an enveloped one.
    """
    presentation, parsed = parse_mixed_presentation(data, contexts, limits)
    if presentation.enveloped:
        raise FormatRefused("an enveloped credential where none is read", clause="VCDM 2.0 §4.13")
    return parsed


def parse_mixed_presentation(
    data: bytes,
    contexts: Mapping[str, bytes] | Contexts,
    limits: Limits = Limits(),  # noqa: B008  frozen
    *,
    legacy: frozenset[Legacy] = NONE,
    may_be_empty: bool = False,
) -> tuple[Presentation, tuple[Parsed, ...]]:
    """Take a presentation apart, and those of its credentials that have a proof of this kind.

    Enveloped ones are for whoever reads their form. `may_be_empty`: its holder may show nothing and still sign it. Raises
    as `parse_presentation` does.
    """
    document = _load(data, limits)
    proofs = _proofs(document, legacy)
    model.check_presentation(document, is_secured=bool(proofs), may_envelop=True, legacy=legacy)
    credentials = model.as_list(document.get("verifiableCredential"))
    if not credentials and not may_be_empty:
        raise FormatRefused("a presentation of no credential", clause="OID4VP 1.0 §B.1.3")
    if len(credentials) > _MAX_CREDENTIALS:
        raise LimitExceeded(f"more than {_MAX_CREDENTIALS} credentials in a presentation")
    compiled = Contexts.of(contexts)
    secured = suites.Secured(document, compiled)
    enveloped = tuple(item for item in credentials if model.is_enveloped(item))
    holder = model.identifier_of(document.get("holder"))
    presentation = Presentation(document, holder, proofs, secured, enveloped)
    embedded = [item for item in credentials if not model.is_enveloped(item)]
    return presentation, tuple(_credential(item, compiled, presentation, legacy) for item in embedded)


def is_presentation(data: bytes, limits: Limits = Limits()) -> bool:  # noqa: B008  frozen
    """Whether the bytes call themselves a presentation; raises `FormatRefused` if they are not JSON."""
    return model.PRESENTATION in model.as_list(_load(data, limits).get("type"))


def _load(data: bytes, limits: Limits) -> dict[str, Any]:
    limits.check_size(data)
    try:
        document = json.loads(data, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    except LimitExceeded:
        raise
    except MalformedInput as error:  # A7 among others
        raise FormatRefused(f"PARSING_ERROR: {error.detail}", clause="VCDM 2.0 §6.1") from None
    if not isinstance(document, dict):
        raise FormatRefused("PARSING_ERROR: not an object", clause="VCDM 2.0 §6.1")
    return document


def _credential(
    document: dict[str, Any],
    contexts: Contexts,
    presentation: Presentation | None,
    legacy: frozenset[Legacy],
) -> Parsed:
    model.check_credential(document, legacy=legacy)
    check_related(document, contexts.source)
    proofs = _proofs(document, legacy)
    if not proofs:
        raise FormatRefused("a credential without a proof", clause="VCDM 2.0 §4.12")
    issuer = model.identifier_of(document["issuer"])
    own = [item for item in proofs if item["verificationMethod"].partition("#")[0] == issuer]
    named = (own or proofs)[0]
    reference = KeyReference(
        issuer=issuer,
        verification_method=named["verificationMethod"],
        algorithm=suites.algorithm_of(named),
    )
    return Parsed(document, issuer, proofs, reference, suites.Secured(document, contexts), presentation)


def _proofs(document: Mapping[str, Any], legacy: frozenset[Legacy]) -> tuple[Mapping[str, Any], ...]:
    proofs = model.as_list(document.get("proof"))
    if len(proofs) > _MAX_PROOFS:
        raise LimitExceeded(f"more than {_MAX_PROOFS} proofs")
    for proof in proofs:
        suites.check_proof(proof, legacy=legacy)
    return tuple(proofs)
