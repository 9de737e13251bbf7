"""What a rule reads and what it answers.

Rules run on claims that already follow the JSON Schema: types and formats are given. Not for schema violations.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from schemas.catalogue import DocumentDefinition
from tegata.errors import Text


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a document's claims.

    `pointer` is a JSON Pointer into the claims, `rule` a stable name, `clause` the law or standard behind it. The text
    may be shown to anyone: it repeats no personal data.
    """

    pointer: str
    rule: str
    text: Text
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The claims of one document.

    With `complete` off they are what a verifier received: a claim that is not there may have been withheld, and an
    array whose items are chosen one by one may be a part. A rule that lacks what it needs says nothing then.
    `hides_all`: the form lets its holder withhold what others always show, too (a mobile document).
    """

    document: DocumentDefinition
    claims: Mapping[str, Any]
    complete: bool
    hides_all: bool = False

    def date(self, claim: str) -> date | None:
        """Return a date, or None if it is not there."""
        value = self.claims.get(claim)
        return None if value is None else _day(value)

    def items(self, claim: str) -> Sequence[Mapping[str, Any]]:
        """Return the items of an array that are there."""
        found: Sequence[Mapping[str, Any]] = self.claims.get(claim, ())
        return found

    def is_absent(self, claim: str) -> bool:
        """Whether the document does not have the claim: known only when nothing can have been withheld."""
        return self.complete and claim not in self.claims

    def may_be_withheld(self, claim: str) -> bool:
        """Whether a claim that other forms always show is not there, and may have been withheld."""
        return self.hides_all and claim not in self.claims

    def label(self, *path: str | None) -> Text:
        """Return what a person calls a claim."""
        return self.document.labels[path]


@lru_cache(maxsize=4_096)  # a dozen rules read the same few dates of a document
def _day(text: str) -> date:
    return date.fromisoformat(text)


#: One cross-field rule: yields what is wrong. The name is added by the registry.
Rule: TypeAlias = Callable[[Facts], Iterator["Finding"]]


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation before it has its rule's name."""

    pointer: str
    text: Text
    clause: str = ""
