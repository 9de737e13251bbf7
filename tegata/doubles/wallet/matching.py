"""Which held credential answers a DCQL query, and with which claims (OID4VP 1.0 §6.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tegata.codec import base64url
from tegata.doubles.wallet.store import Held
from tegata.errors import Forbidden, TegataError
from tegata.formats import data_integrity, mdoc, sd_jwt_vc
from tegata.formats.credential import ClaimPath

SD_JWT_VC = "dc+sd-jwt"
MSO_MDOC = mdoc.FORMAT


@dataclass(frozen=True, slots=True)
class Answer:
    """One credential query, the credential that answers it, and the claim paths to show."""

    query_id: str
    held: Held
    paths: tuple[ClaimPath, ...]


def match(
    query: Mapping[str, Any], wallet: Sequence[Held], contexts: Mapping[str, bytes]
) -> tuple[Answer, ...]:
    """Answer every query that can be answered; raises `Forbidden` if what is mandatory cannot be.

    The newest fitting credential is taken. `claims` without `claim_sets` means all of them; with `claim_sets`
    the first set is taken that the credential can fill.
    """
    answers: dict[str, Answer] = {}
    for item in query["credentials"]:
        found = next(filter(None, (_answer(item, held, contexts) for held in reversed(wallet))), None)
        if found is not None:
            answers[item["id"]] = found
    return tuple(answers[name] for name in _wanted(query, answers))


def _wanted(query: Mapping[str, Any], answers: Mapping[str, Answer]) -> tuple[str, ...]:
    sets = query.get("credential_sets")
    if sets is None:
        missing = [item["id"] for item in query["credentials"] if item["id"] not in answers]
        if missing:
            raise Forbidden(f"nothing in this wallet answers {missing}")
        return tuple(answers)
    chosen: list[str] = []
    for item in sets:
        option = next((names for names in item["options"] if all(name in answers for name in names)), None)
        if option is None and item.get("required", True):
            raise Forbidden("nothing in this wallet answers a required set")
        chosen.extend(option or ())
    return tuple(dict.fromkeys(chosen))


def _answer(query: Mapping[str, Any], held: Held, contexts: Mapping[str, bytes]) -> Answer | None:
    if query["format"] != held.format:
        return None
    claims = claims_of(held)
    if not _is_of_type(query["meta"], held, claims, contexts):
        return None
    paths = _paths(query, claims)
    return None if paths is None else Answer(query["id"], held, paths)


def _is_of_type(
    meta: Mapping[str, Any], held: Held, claims: Mapping[str, Any], contexts: Mapping[str, bytes]
) -> bool:
    """Whether the credential is of a type that was asked for (OID4VP 1.0 §B.1.1, §B.3.5)."""
    if held.format == SD_JWT_VC:
        return claims.get("vct") in meta.get("vct_values", [])
    if held.format == MSO_MDOC:
        return _mobile(held).security_object.get("docType") == meta.get("doctype_value")
    try:
        types = set(data_integrity.types_of(claims, contexts))
    except TegataError:
        return False
    return any(types.issuperset(wanted) for wanted in meta.get("type_values", []))


def claims_of(held: Held) -> Mapping[str, Any]:
    """Return what the credential says, with everything disclosed; unverified."""
    if held.format == SD_JWT_VC:
        return sd_jwt_vc.disclosed_claims(held.credential.encode("ascii"))
    if held.format == MSO_MDOC:
        return mdoc.elements_of(_mobile(held))
    return dict(held.credential)


def _mobile(held: Held) -> mdoc.Parsed:
    return mdoc.parse(base64url.decode(held.credential))


def _paths(query: Mapping[str, Any], claims: Mapping[str, Any]) -> tuple[ClaimPath, ...] | None:
    asked = query.get("claims")
    if not asked:
        return ()
    by_id = {item.get("id", str(position)): item for position, item in enumerate(asked)}
    for names in query.get("claim_sets", [list(by_id)]):
        chosen = [by_id[name] for name in names]
        if all(_fits(claims, item) for item in chosen):
            return tuple(tuple(item["path"]) for item in chosen)
    return None


def _fits(claims: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    try:
        found = select(claims, tuple(asked["path"]))
    except TegataError:
        return False
    wanted = asked.get("values")
    return bool(found) and (wanted is None or any(value in wanted for value in found))


def select(claims: Any, path: ClaimPath) -> list[Any]:
    """Return what a claims path pointer selects (OID4VP 1.0 §7.1); raises `Forbidden` for a type mismatch."""
    selected = [claims]
    for part in path:
        following: list[Any] = []
        for value in selected:
            if part is None and isinstance(value, list):
                following.extend(value)
            elif isinstance(part, str) and isinstance(value, dict):
                following.extend([value[part]] if part in value else [])
            elif isinstance(part, int) and isinstance(value, list):
                following.extend(value[part : part + 1])
            else:
                raise Forbidden("the claims path does not fit the claims", clause="OID4VP 1.0 §7.1")
        selected = following
    return selected
