"""What is asked of credentials and presentations, on issue and on verify: the rules of VCDM 2.0, and for reading those of 1.1.

Each rule has a name and a clause (`NamedRule`), and can be looked at alone (`findings`). What JSON-LD has to say (unmapped
terms and types: A4, A5, T3, C6, C8) is found in `linked_data`. Dates are checked for being dates: whether now lies between
them is the verifier's question (D4).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tegata.formats.credential import FormatRefused
from tegata.formats.vcdm import rules, rules_1_1
from tegata.formats.vcdm.legacy import NONE, Legacy
from tegata.formats.vcdm.rules import (
    BASE_CONTEXT,
    CREDENTIAL,
    ENVELOPED,
    ENVELOPED_PRESENTATION,
    PRESENTATION,
    as_list,
    identifier_of,
    instant,
    read_instant,
)
from tegata.formats.vcdm.rules_1_1 import BASE_CONTEXT_1_1

__all__ = [
    "BASE_CONTEXT",
    "BASE_CONTEXT_1_1",
    "CREDENTIAL",
    "ENVELOPED",
    "ENVELOPED_PRESENTATION",
    "PRESENTATION",
    "Finding",
    "NamedRule",
    "as_list",
    "check_credential",
    "check_presentation",
    "findings",
    "identifier_of",
    "instant",
    "is_enveloped",
    "is_version_1_1",
    "period",
    "read_instant",
]


@dataclass(frozen=True, slots=True)
class NamedRule:
    """One rule: its name, its clause, and the check, which raises `FormatRefused`."""

    name: str
    clause: str
    check: Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a document breaks, and how."""

    rule: str
    clause: str
    detail: str


def check_credential(document: Any, *, legacy: frozenset[Legacy] = NONE) -> None:
    """Check a credential, secured or not; raises `FormatRefused`.

    `legacy`: with VCDM 1.1 in it, a credential that calls itself one is checked by the rules of that version.
    """
    _check(document, CREDENTIAL_RULES_1_1 if _is_old(document, legacy) else CREDENTIAL_RULES)


def check_presentation(
    document: Any, *, is_secured: bool, may_envelop: bool = False, legacy: frozenset[Legacy] = NONE
) -> None:
    """Check a presentation and every credential in it; raises `FormatRefused`.

    `is_secured`: it has a proof of its own, without which no credential in it may be self-asserted (P5). `may_envelop`: what
    stands in it as an enveloped credential is looked at by whoever opens the envelope.
    """
    _check(document, PRESENTATION_RULES_1_1 if _is_old(document, legacy) else PRESENTATION_RULES)
    for credential in as_list(document.get("verifiableCredential")):
        if not (may_envelop and is_enveloped(credential)):
            _check_inner(credential, document, is_secured=is_secured, legacy=legacy)


def is_enveloped(value: Mapping[str, Any]) -> bool:
    """Whether an object says that it envelops a credential or a presentation."""
    return bool({ENVELOPED, ENVELOPED_PRESENTATION} & set(map(str, as_list(value.get("type")))))


def is_version_1_1(document: Any) -> bool:
    """Whether a document says by its first context that it is one of VCDM 1.1."""
    return isinstance(document, Mapping) and as_list(document.get("@context"))[:1] == [BASE_CONTEXT_1_1]


def period(document: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return the dates between which a credential is valid, whichever version it is of."""
    if is_version_1_1(document):
        return rules_1_1.period_1_1(document)
    return instant(document, "validFrom"), instant(document, "validUntil")


def findings(document: Mapping[str, Any], wanted: tuple[NamedRule, ...]) -> tuple[Finding, ...]:
    """Return every rule that a document breaks, in their order: for a report that tells all of them."""
    found = []
    for rule in wanted:
        try:
            rule.check(document)
        except FormatRefused as error:
            found.append(Finding(rule.name, error.clause or rule.clause, error.detail))
    return tuple(found)


def _is_old(document: Any, legacy: frozenset[Legacy]) -> bool:
    return Legacy.VCDM_1_1 in legacy and is_version_1_1(document)


def _check(document: Any, wanted: tuple[NamedRule, ...]) -> None:
    if not isinstance(document, Mapping):  # A1
        raise FormatRefused("not an object", clause="VCDM 2.0 §6.1")
    for rule in wanted:
        rule.check(document)


def _check_inner(
    credential: Mapping[str, Any],
    presentation: Mapping[str, Any],
    *,
    is_secured: bool,
    legacy: frozenset[Legacy],
) -> None:
    if ENVELOPED in as_list(credential.get("type")):  # P3; what it envelops is another format's
        raise FormatRefused(
            "an enveloped credential in a Data Integrity presentation", clause="VCDM 2.0 §4.13"
        )
    check_credential(credential, legacy=legacy)
    if "proof" in credential:
        return
    holder = identifier_of(presentation.get("holder"))
    if not is_secured or not holder or identifier_of(credential["issuer"]) != holder:  # P5, P6
        raise FormatRefused("an unsecured credential that is not the holder's own", clause="VCDM 2.0 §4.13")


CREDENTIAL_RULES: tuple[NamedRule, ...] = (
    NamedRule("single-values", "VCDM 2.0 §6", rules.single_values),
    NamedRule("no-nulls", "VCDM 2.0 §4.4", rules.no_nulls),
    NamedRule("contexts", "VCDM 2.0 §4.3", rules.contexts),
    NamedRule("identifier", "VCDM 2.0 §4.4", rules.identifier),
    NamedRule("identifiers-inside", "VCDM 2.0 §4.4", rules.identifiers_inside),
    NamedRule("credential-type", "VCDM 2.0 §4.5", rules.credential_type),
    NamedRule("issuer", "VCDM 2.0 §4.7", rules.issuer),
    NamedRule("texts", "VCDM 2.0 §11.1", rules.texts),
    NamedRule("validity", "VCDM 2.0 §4.9", rules.validity),
    NamedRule("subject", "VCDM 2.0 §4.8", rules.subject),
    NamedRule("typed-objects", "VCDM 2.0 §4.5", rules.typed_objects),
    NamedRule("schemas", "VCDM 2.0 §4.11", rules.schemas),
    NamedRule("related-resources", "VCDM 2.0 §5.3", rules.related_resources),
    NamedRule("proof", "VC Data Integrity 1.0 §2.1", rules.proof),
)
PRESENTATION_RULES: tuple[NamedRule, ...] = (
    NamedRule("no-nulls", "VCDM 2.0 §4.4", rules.no_nulls),
    NamedRule("contexts", "VCDM 2.0 §4.3", rules.contexts),
    NamedRule("identifier", "VCDM 2.0 §4.4", rules.identifier),
    NamedRule("presentation-type", "VCDM 2.0 §4.13", rules.presentation_type),
    NamedRule("holder", "VCDM 2.0 §4.13", rules.holder),
    NamedRule("inner-objects", "VCDM 2.0 §4.13", rules.inner_objects),
    NamedRule("proof", "VC Data Integrity 1.0 §2.1", rules.proof),
)
CREDENTIAL_RULES_1_1: tuple[NamedRule, ...] = (
    NamedRule("single-values", "VCDM 1.1 §4", rules_1_1.single_values_1_1),
    NamedRule("no-nulls", "VCDM 1.1 §4.2", rules.no_nulls),
    NamedRule("contexts", "VCDM 1.1 §4.1", rules_1_1.contexts_1_1),
    NamedRule("identifier", "VCDM 1.1 §4.2", rules.identifier),
    NamedRule("identifiers-inside", "VCDM 1.1 §4.2", rules.identifiers_inside),
    NamedRule("credential-type", "VCDM 1.1 §4.3", rules.credential_type),
    NamedRule("issuer", "VCDM 1.1 §4.5", rules.issuer),
    NamedRule("dates", "VCDM 1.1 §4.6, §4.8", rules_1_1.dates_1_1),
    NamedRule("subject", "VCDM 1.1 §4.4", rules.subject),
    NamedRule("typed-objects", "VCDM 1.1 §4.3", rules.typed_objects),
    NamedRule("named-objects", "VCDM 1.1 §4.9, §5.4", rules_1_1.named_objects_1_1),
    NamedRule("proof", "VC Data Integrity 1.0 §2.1", rules.proof),
)
PRESENTATION_RULES_1_1: tuple[NamedRule, ...] = (
    NamedRule("no-nulls", "VCDM 1.1 §4.2", rules.no_nulls),
    NamedRule("contexts", "VCDM 1.1 §4.1", rules_1_1.contexts_1_1),
    NamedRule("identifier", "VCDM 1.1 §4.2", rules.identifier),
    NamedRule("presentation-type", "VCDM 1.1 §4.10", rules.presentation_type),
    NamedRule("holder", "VCDM 1.1 §4.10", rules.holder),
    NamedRule("inner-objects", "VCDM 1.1 §4.10", rules.inner_objects),
    NamedRule("proof", "VC Data Integrity 1.0 §2.1", rules.proof),
)
