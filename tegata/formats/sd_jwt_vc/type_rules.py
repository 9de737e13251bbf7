"""Whether a verified credential keeps to its type metadata: hidden where it says so, complete where that can be seen.

Not for the values of claims; those have JSON Schemas, which stand outside the formats.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tegata.errors import Forbidden, Text
from tegata.formats.credential import ClaimPath, Verified
from tegata.formats.sd_jwt.disclosure import Disclosed
from tegata.formats.sd_jwt_vc.structure import Parsed
from tegata.formats.sd_jwt_vc.type_metadata import ClaimRule, Selective, TypeMetadata


class TypeRuleBroken(Forbidden):
    """The issuer did not keep to the type that it named."""

    kind = "type_rule_broken"
    text = Text(
        "証明書が、その種類の決まりに従っていません。",
        "The credential does not keep to the rules of its type.",
    )


def check_type_rules(metadata: TypeMetadata, parsed: Parsed, verified: Verified) -> None:
    """Check a verified credential against the metadata of its type (SD-JWT VC §6).

    `sd: always` — no claim at the path stands in the open; `sd: never` — none was in a disclosure of its own;
    `mandatory` — no claim is missing that nobody could have hidden. A claim that the holder did not show is never
    taken for a missing one. Raises `TypeRuleBroken`, whose pointer names the claim's path.
    """
    if metadata.vct not in verified.types:
        raise TypeRuleBroken("metadata of another type", clause="SD-JWT VC §6")
    processed = parsed.disclosed()
    hidden = {
        # Elements of a list at the top are most of what is hidden.
        (path[0], None) if len(path) == 2 and path[1].__class__ is int else _general(path)  # noqa: PLR2004
        for path in processed.paths
    }
    compiled = _compiled(metadata)
    suspects = compiled.others
    if not compiled.is_kept(processed, hidden):
        suspects = metadata.rules
    for rule in suspects:
        _check(rule, processed, hidden)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The rules as sets: what is always hidden (claims at the top, their elements), never hidden, never missing."""

    always: frozenset[ClaimPath]
    always_elements: frozenset[str]
    never: frozenset[ClaimPath]
    mandatory: frozenset[str]
    #: Below a path: which members every object there has.
    mandatory_below: tuple[tuple[ClaimPath, frozenset[str]], ...]
    others: tuple[ClaimRule, ...]

    def is_kept(self, processed: Disclosed, hidden: set[ClaimPath]) -> bool:
        """Whether none of these rules is broken; which one is, is looked for only where one is."""
        claims = processed.claims
        return (
            self.mandatory <= claims.keys()
            and self.never.isdisjoint(hidden)
            and all(path in hidden or path[0] not in claims for path in self.always)
            and all(
                (name, index) in processed.paths
                for name in self.always_elements
                if isinstance(found := claims.get(name), list)
                for index in range(len(found))
            )
            and all(
                names <= item.keys()
                for parent, names in self.mandatory_below
                for item in _items(claims, parent)
                if item.__class__ is dict
            )
        )


def _compiled(metadata: TypeMetadata) -> _Compiled:
    found = metadata.memory.get("compiled")
    if found is None:
        found = metadata.memory["compiled"] = _compile(metadata.rules)
    assert isinstance(found, _Compiled)  # noqa: S101  nothing else is put there
    return found


def _compile(rules: Sequence[ClaimRule]) -> _Compiled:
    always, always_elements, never, others = [], [], [], []
    mandatory: defaultdict[ClaimPath, set[str]] = defaultdict(set)
    for rule in rules:
        is_at_top = len(rule.path) == 1 and isinstance(rule.path[0], str)
        if rule.selective is Selective.ALWAYS and is_at_top:
            always.append(rule.path)
        elif rule.selective is Selective.ALWAYS and len(rule.path) == 2 and rule.path[1] is None:  # noqa: PLR2004
            always_elements.append(str(rule.path[0]))
        elif rule.selective is Selective.NEVER and _general(rule.path) == rule.path:
            never.append(rule.path)
            if rule.mandatory and isinstance(rule.path[-1], str):
                mandatory[rule.path[:-1]].add(rule.path[-1])
        elif rule.selective is not Selective.ALLOWED:
            others.append(rule)
    return _Compiled(
        always=frozenset(always),
        always_elements=frozenset(always_elements),
        never=frozenset(never),
        mandatory=frozenset(mandatory.pop((), ())),
        mandatory_below=tuple((parent, frozenset(names)) for parent, names in mandatory.items()),
        others=tuple(others),
    )


def _check(rule: ClaimRule, processed: Disclosed, hidden: set[ClaimPath]) -> None:
    if rule.selective is Selective.ALWAYS:
        if len(rule.path) == 1:
            is_open = rule.path[0] in processed.claims and rule.path not in processed.paths
        else:
            is_open = any(place not in processed.paths for place in _places(processed.claims, rule.path))
        if is_open:
            raise _broken(rule, "stands in the open and should be selectively disclosable")
    elif rule.selective is Selective.NEVER:
        # A path with an index in it names one element; any other is looked up among those of what was hidden.
        is_hidden = (
            rule.path in hidden
            if _general(rule.path) == rule.path
            else any(place in processed.paths for place in _places(processed.claims, rule.path))
        )
        if is_hidden:
            raise _broken(rule, "is selectively disclosable and should stand in the open")
        if rule.mandatory and _is_missing(processed.claims, rule.path):
            raise _broken(rule, "is mandatory and missing")


def _general(path: ClaimPath) -> ClaimPath:
    """Return the path with "all elements" in place of each index."""
    if len(path) == 1 and isinstance(path[0], str):
        return path
    return tuple([None if isinstance(part, int) else part for part in path])


def _places(value: Any, path: ClaimPath, place: ClaimPath = ()) -> Iterator[ClaimPath]:
    """Find every place that a path selects."""
    if not path:
        yield place
        return
    for part, item in _select(value, path[0]):
        yield from _places(item, path[1:], (*place, part))


def _select(value: Any, part: str | int | None) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, Mapping) and isinstance(part, str) and part in value:
        yield part, value[part]
    elif isinstance(value, list) and part is None:
        yield from enumerate(value)
    elif isinstance(value, list) and isinstance(part, int) and part < len(value):
        yield part, value[part]


def _is_missing(value: Any, path: ClaimPath) -> bool:
    """Whether the last part of the path is missing in some object that was shown."""
    last = path[-1]
    return isinstance(last, str) and any(
        item.__class__ is dict and last not in item for item in _items(value, path[:-1])
    )


def _items(value: Any, path: ClaimPath) -> list[Any]:
    level = [value]
    for part in path:
        level = [item for above in level for _, item in _select(above, part)]
    return level


def _broken(rule: ClaimRule, what: str) -> TypeRuleBroken:
    pointer = "".join(f"/{'*' if part is None else part}" for part in rule.path)
    return TypeRuleBroken(f"the claim at {pointer} {what}", pointer=pointer, clause="SD-JWT VC §6")
