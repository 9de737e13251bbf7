"""Which disclosures show certain claims, with those that they stand inside (RFC 9901 §7.2)."""

from collections.abc import Sequence
from typing import Any

from tegata.errors import NotFound
from tegata.formats.credential import ClaimPath
from tegata.formats.sd_jwt.disclosure import Disclosed


def select(processed: Disclosed, disclosures: Sequence[str], paths: Sequence[ClaimPath]) -> tuple[str, ...]:
    """Return the disclosures, in their order, that show the claims at `paths` (None stands for every element).

    Raises `NotFound` for a path that leads to nothing.
    """
    wanted: set[str] = set()
    for path in paths:
        if not _stands(processed.claims, path):
            raise NotFound(f"the credential has no claim at {path}")
        for place, text in processed.paths.items():
            if _covers(path, place):
                wanted.add(text)
                wanted.update(processed.parents[place])
    return tuple(text for text in disclosures if text in wanted)


def _covers(path: ClaimPath, place: ClaimPath) -> bool:
    """Whether showing `path` needs the disclosure at `place`: on the way there, or anything below it."""
    return all(part is None or part == other for part, other in zip(path, place, strict=False))


def _stands(claims: Any, path: ClaimPath) -> bool:
    """Whether the path leads to something in the credential with everything disclosed."""
    if not path:
        return True
    part, rest = path[0], path[1:]
    if part is None:
        return isinstance(claims, list) and (not rest or any(_stands(item, rest) for item in claims))
    if isinstance(claims, dict):
        return part in claims and _stands(claims[part], rest)
    return isinstance(claims, list) and part in range(len(claims)) and _stands(claims[part], rest)  # type: ignore[index]  # an int
