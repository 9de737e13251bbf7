"""Whether a verified credential keeps to its type metadata: hidden where it says so, complete where that can be seen.

Not for the values of claims; those have JSON Schemas, which stand outside the formats.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tegata.errors import Forbidden, Text
from tegata.formats.credential import ClaimPath, Verified
from tegata.formats.sd_jwt_vc.disclosure import Disclosed, disclosed
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
    processed = disclosed(parsed)
    hidden = frozenset(map(_general, processed.paths))
    for rule in metadata.rules:
        _check(rule, processed, hidden)


def _check(rule: ClaimRule, processed: Disclosed, hidden: frozenset[ClaimPath]) -> None:
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
    level = [value]
    for part in path[:-1]:
        level = [item for above in level for _, item in _select(above, part)]
    return isinstance(last, str) and any(item.__class__ is dict and last not in item for item in level)


def _broken(rule: ClaimRule, what: str) -> TypeRuleBroken:
    pointer = "".join(f"/{'*' if part is None else part}" for part in rule.path)
    return TypeRuleBroken(f"the claim at {pointer} {what}", pointer=pointer, clause="SD-JWT VC §6")
