"""Whether what came satisfies the query: decided here, whatever the wallet believed (OID4VP 1.0 §6.4, §8.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tegata.formats.credential import ClaimPath
from verifier.oid4vp.claims_path import PathMismatch, select
from verifier.oid4vp.dcql import ClaimQuery, CredentialQuery, Query


class Reason(StrEnum):
    """Why a query is not satisfied."""

    NOTHING_PRESENTED = "nothing_presented"
    WRONG_FORMAT = "wrong_format"
    WRONG_TYPE = "wrong_type"
    NOT_BOUND = "not_bound"
    CLAIM_MISSING = "claim_missing"
    VALUE_NOT_ACCEPTED = "value_not_accepted"
    SET_INCOMPLETE = "set_incomplete"


@dataclass(frozen=True, slots=True)
class Presented:
    """One verified credential in the words of the query; `claims` start at the credential's root (§7)."""

    format: str
    types: tuple[str, ...]
    claims: Mapping[str, Any]
    holder_proven: bool


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One thing that was asked for and did not come."""

    query: str
    reason: Reason
    path: ClaimPath = ()


def evaluate(query: Query, presented: Mapping[str, Sequence[Presented]]) -> tuple[Shortfall, ...]:
    """Return everything that falls short; an empty tuple means that the query is satisfied.

    1. Every credential presented has to answer its own query: format, type, binding, claims, values.
    2. Without credential sets, every credential query needs an answer.
    3. With them, every required set needs one option all of whose credentials answer.
    """
    found: list[Shortfall] = []
    answered: set[str] = set()
    for item in query.credentials:
        shortfalls = [fall for one in presented.get(item.identifier, ()) for fall in check_one(item, one)]
        found.extend(shortfalls)
        if presented.get(item.identifier) and not shortfalls:
            answered.add(item.identifier)
    if not query.sets:
        found.extend(
            Shortfall(item.identifier, Reason.NOTHING_PRESENTED)
            for item in query.credentials
            if not presented.get(item.identifier)
        )
        return tuple(found)
    found.extend(
        Shortfall(",".join(wanted.options[0]), Reason.SET_INCOMPLETE)
        for wanted in query.sets
        if wanted.required and not any(answered.issuperset(option) for option in wanted.options)
    )
    return tuple(found)


def check_one(query: CredentialQuery, presented: Presented) -> tuple[Shortfall, ...]:
    """Return how one credential falls short of the query that it answers."""
    name = query.identifier
    if presented.format != query.format:
        return (Shortfall(name, Reason.WRONG_FORMAT),)
    if not any(set(presented.types).issuperset(wanted) for wanted in query.types):
        return (Shortfall(name, Reason.WRONG_TYPE),)
    if query.holder_binding and not presented.holder_proven:
        return (Shortfall(name, Reason.NOT_BOUND),)
    best: tuple[Shortfall, ...] | None = None
    for claims in query.alternatives():
        missing = tuple(filter(None, (_check_claim(name, claim, presented.claims) for claim in claims)))
        if not missing:
            return ()
        if best is None or len(missing) < len(best):
            best = missing
    return best or ()


def _check_claim(query: str, claim: ClaimQuery, claims: Mapping[str, Any]) -> Shortfall | None:
    try:
        values = select(claims, claim.path)
    except PathMismatch:
        return Shortfall(query, Reason.CLAIM_MISSING, claim.path)
    if not any(claim.accepts(value) for value in values):
        return Shortfall(query, Reason.VALUE_NOT_ACCEPTED, claim.path)
    return None
