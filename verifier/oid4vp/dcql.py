"""The Digital Credentials Query Language: a query as types, and its grammar (OID4VP 1.0 §6).

Whether what came satisfies it is `verifier.oid4vp.evaluation`'s question. Stricter than the standard in one point: a
member that the standard does not know is refused, because in a query of ours it is a mistake.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tegata.formats.credential import ClaimPath
from verifier.oid4vp.claims_path import PathMismatch, parse_path
from verifier.oid4vp.errors import QueryRefused

SD_JWT_VC = "dc+sd-jwt"
LDP_VC = "ldp_vc"
MSO_MDOC = "mso_mdoc"
FORMATS = frozenset({SD_JWT_VC, LDP_VC, MSO_MDOC})
AUTHORITY_TYPES = frozenset({"aki", "etsi_tl", "openid_federation"})

MAX_CREDENTIALS = 20
MAX_CLAIMS = 200
MAX_SETS = 50
#: A claim of a mobile document: its namespace and its element (§7.2).
_MDOC_PATH = 2
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")

Value: TypeAlias = str | int | bool


@dataclass(frozen=True, slots=True)
class ClaimQuery:
    """One claim that is asked for (§6.3); with `values`, only one of them will do.

    `intent_to_retain` is told to wallets with mobile documents, and to no others (§B.2.4).
    """

    path: ClaimPath
    identifier: str = ""
    values: tuple[Value, ...] = ()
    intent_to_retain: bool | None = None

    def accepts(self, value: Any) -> bool:
        """Whether the value is one of `values`, by JSON type and value: true is not 1."""
        return not self.values or any(type(value) is type(item) and value == item for item in self.values)


@dataclass(frozen=True, slots=True)
class CredentialQuery:
    """One credential that is asked for (§6.1).

    `types` are alternatives, each a set of which all have to be there: one vct, one doctype, or expanded type IRIs.
    """

    identifier: str
    format: str
    types: tuple[tuple[str, ...], ...]
    claims: tuple[ClaimQuery, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()
    multiple: bool = False
    holder_binding: bool = True
    authorities: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def alternatives(self) -> tuple[tuple[ClaimQuery, ...], ...]:
        """Return the sets of claims of which one suffices, the preferred one first (§6.4.1)."""
        if not self.claim_sets:
            return (self.claims,)
        by_identifier = {claim.identifier: claim for claim in self.claims}
        return tuple(tuple(by_identifier[name] for name in names) for names in self.claim_sets)

    def to_json(self) -> dict[str, Any]:
        """Return the member of `credentials` that wallets read."""
        found: dict[str, Any] = {"id": self.identifier, "format": self.format, "meta": self._meta()}
        if self.claims:
            found["claims"] = [_claim_json(claim) for claim in self.claims]
        if self.claim_sets:
            found["claim_sets"] = [list(names) for names in self.claim_sets]
        if self.multiple:
            found["multiple"] = True
        if not self.holder_binding:
            found["require_cryptographic_holder_binding"] = False
        if self.authorities:
            found["trusted_authorities"] = [
                {"type": kind, "values": list(values)} for kind, values in self.authorities
            ]
        return found

    def _meta(self) -> dict[str, Any]:
        if self.format == SD_JWT_VC:
            return {"vct_values": [names[0] for names in self.types]}
        if self.format == MSO_MDOC:
            return {"doctype_value": self.types[0][0]}
        return {"type_values": [list(names) for names in self.types]}


@dataclass(frozen=True, slots=True)
class CredentialSet:
    """Combinations of credentials of which one suffices (§6.2)."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query. Without `sets`, every credential is asked for (§6.4.2)."""

    credentials: tuple[CredentialQuery, ...]
    sets: tuple[CredentialSet, ...] = ()

    def credential(self, identifier: str) -> CredentialQuery | None:
        """Return the credential query of that id, if there is one."""
        return next((item for item in self.credentials if item.identifier == identifier), None)

    @property
    def formats(self) -> frozenset[str]:
        """Every format that is asked for."""
        return frozenset(item.format for item in self.credentials)

    def to_json(self) -> dict[str, Any]:
        """Return `dcql_query` as wallets read it."""
        found: dict[str, Any] = {"credentials": [item.to_json() for item in self.credentials]}
        if self.sets:
            found["credential_sets"] = [
                {"options": [list(names) for names in item.options]}
                | ({} if item.required else {"required": False})
                for item in self.sets
            ]
        return found


def parse_query(value: Any) -> Query:
    """Read a query from JSON; raises `QueryRefused` that says which rule it breaks and where."""
    members = _object(value, "", {"credentials"}, {"credential_sets"})
    listed = _array(members["credentials"], "/credentials", MAX_CREDENTIALS)
    credentials = tuple(_credential(item, f"/credentials/{index}") for index, item in enumerate(listed))
    names = [item.identifier for item in credentials]
    _unique(names, "/credentials", "§6.1")
    sets: tuple[CredentialSet, ...] = ()
    if "credential_sets" in members:
        found = _array(members["credential_sets"], "/credential_sets", MAX_SETS)
        known = frozenset(names)
        sets = tuple(_set(item, known, f"/credential_sets/{index}") for index, item in enumerate(found))
    return Query(credentials, sets)


def _credential(value: Any, at: str) -> CredentialQuery:
    optional = {
        "claims",
        "claim_sets",
        "multiple",
        "require_cryptographic_holder_binding",
        "trusted_authorities",
    }
    members = _object(value, at, {"id", "format", "meta"}, optional)
    format_name = members["format"]
    if format_name not in FORMATS:
        raise QueryRefused("a format that is not verified here", pointer=f"{at}/format", clause="§6.1")
    claims: tuple[ClaimQuery, ...] = ()
    if "claims" in members:
        listed = _array(members["claims"], f"{at}/claims", MAX_CLAIMS)
        claims = tuple(_claim(item, format_name, f"{at}/claims/{index}") for index, item in enumerate(listed))
        _unique([claim.path for claim in claims], f"{at}/claims", "§6.3")
        _unique([claim.identifier for claim in claims if claim.identifier], f"{at}/claims", "§6.3")
    return CredentialQuery(
        identifier=_identifier(members["id"], f"{at}/id"),
        format=format_name,
        types=_types(format_name, members["meta"], f"{at}/meta"),
        claims=claims,
        claim_sets=_claim_sets(members, claims, at),
        multiple=_flag(members, "multiple", default=False, at=at),
        holder_binding=_flag(members, "require_cryptographic_holder_binding", default=True, at=at),
        authorities=_authorities(members.get("trusted_authorities"), f"{at}/trusted_authorities"),
    )


def _types(format_name: str, meta: Any, at: str) -> tuple[tuple[str, ...], ...]:
    if format_name == SD_JWT_VC:
        members = _object(meta, at, {"vct_values"}, set())
        return tuple((name,) for name in _strings(members["vct_values"], f"{at}/vct_values"))
    if format_name == MSO_MDOC:
        doctype = _object(meta, at, {"doctype_value"}, set())["doctype_value"]
        if not isinstance(doctype, str) or not doctype:
            raise QueryRefused(
                "a doctype is a text", pointer=f"{at}/doctype_value", clause="OID4VP 1.0 §B.2.3"
            )
        return ((doctype,),)
    members = _object(meta, at, {"type_values"}, set())
    listed = _array(members["type_values"], f"{at}/type_values", MAX_SETS)
    return tuple(_strings(item, f"{at}/type_values/{index}") for index, item in enumerate(listed))


def _claim(value: Any, format_name: str, at: str) -> ClaimQuery:
    is_mdoc = format_name == MSO_MDOC
    members = _object(value, at, {"path"}, {"id", "values"} | ({"intent_to_retain"} if is_mdoc else set()))
    try:
        path = parse_path(members["path"])
    except PathMismatch as error:
        raise QueryRefused(error.detail, pointer=f"{at}/path", clause="§7") from None
    if is_mdoc and (len(path) != _MDOC_PATH or not all(isinstance(part, str) for part in path)):
        raise QueryRefused("a namespace and an element", pointer=f"{at}/path", clause="OID4VP 1.0 §7.2")
    values: tuple[Value, ...] = ()
    if "values" in members:
        values = tuple(_array(members["values"], f"{at}/values", MAX_CLAIMS))
        if not all(isinstance(item, str | int) for item in values):
            raise QueryRefused("values are strings, integers and booleans", pointer=at, clause="§6.3")
    identifier = _identifier(members["id"], f"{at}/id") if "id" in members else ""
    retain = None
    if "intent_to_retain" in members:
        retain = _flag(members, "intent_to_retain", default=False, at=at)
    return ClaimQuery(path, identifier, values, retain)


def _claim_sets(
    members: Mapping[str, Any], claims: Sequence[ClaimQuery], at: str
) -> tuple[tuple[str, ...], ...]:
    if "claim_sets" not in members:
        return ()
    if not claims or not all(claim.identifier for claim in claims):
        raise QueryRefused("claim_sets need claims, each with an id", pointer=at, clause="§6.1")
    known = {claim.identifier for claim in claims}
    listed = _array(members["claim_sets"], f"{at}/claim_sets", MAX_SETS)
    sets = tuple(_strings(item, f"{at}/claim_sets/{index}") for index, item in enumerate(listed))
    if any(not known.issuperset(names) for names in sets):
        raise QueryRefused("claim_sets name a claim that is not there", pointer=at, clause="§6.1")
    return sets


def _authorities(value: Any, at: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if value is None:
        return ()
    found = []
    for index, item in enumerate(_array(value, at, MAX_SETS)):
        members = _object(item, f"{at}/{index}", {"type", "values"}, set())
        if members["type"] not in AUTHORITY_TYPES:
            raise QueryRefused("an unknown kind of authority", pointer=f"{at}/{index}", clause="§6.1.1")
        found.append((members["type"], _strings(members["values"], f"{at}/{index}/values")))
    return tuple(found)


def _set(value: Any, known: frozenset[str], at: str) -> CredentialSet:
    members = _object(value, at, {"options"}, {"required"})
    listed = _array(members["options"], f"{at}/options", MAX_SETS)
    options = tuple(_strings(item, f"{at}/options/{index}") for index, item in enumerate(listed))
    if any(not known.issuperset(names) for names in options):
        raise QueryRefused("options name a credential that is not there", pointer=at, clause="§6.2")
    return CredentialSet(options, _flag(members, "required", default=True, at=at))


def _claim_json(claim: ClaimQuery) -> dict[str, Any]:
    found: dict[str, Any] = {"id": claim.identifier} if claim.identifier else {}
    found["path"] = list(claim.path)
    if claim.values:
        found["values"] = list(claim.values)
    if claim.intent_to_retain is not None:
        found["intent_to_retain"] = claim.intent_to_retain
    return found


def _object(value: Any, at: str, required: set[str], optional: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise QueryRefused("not an object", pointer=at, clause="OID4VP 1.0 §6")
    if missing := required - value.keys():
        raise QueryRefused(f"{sorted(missing)} missing", pointer=at, clause="OID4VP 1.0 §6")
    if unknown := value.keys() - required - optional:
        raise QueryRefused(f"{sorted(unknown)[:5]} not known", pointer=at, clause="OID4VP 1.0 §6")
    return value


def _array(value: Any, at: str, limit: int) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= limit:
        raise QueryRefused(f"not an array of 1 to {limit}", pointer=at, clause="OID4VP 1.0 §6")
    return value


def _strings(value: Any, at: str) -> tuple[str, ...]:
    found = tuple(_array(value, at, MAX_SETS))
    if not all(isinstance(item, str) and item for item in found):
        raise QueryRefused("not an array of strings", pointer=at, clause="OID4VP 1.0 §6")
    return found


def _identifier(value: Any, at: str) -> str:
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        raise QueryRefused("an id has letters, digits, _ and -", pointer=at, clause="OID4VP 1.0 §6.1")
    return value


def _flag(members: Mapping[str, Any], name: str, *, default: bool, at: str) -> bool:
    value = members.get(name, default)
    if not isinstance(value, bool):
        raise QueryRefused(f"{name} is true or false", pointer=f"{at}/{name}", clause="OID4VP 1.0 §6")
    return value


def _unique(values: Sequence[Any], at: str, clause: str) -> None:
    if len(set(values)) != len(values):
        raise QueryRefused("the same name or path twice", pointer=at, clause=f"OID4VP 1.0 {clause}")
