"""A document's names as a mobile document (ISO/IEC 18013-5): its doctype, its namespaces, and the element of each claim.

Data that can be replaced: `data/<document>/mdoc.json`, written by `schemas.build`. Claims that a holder chooses one by one
are elements of their own (`age_equal_or_over.18` is `age_over_18`), all others stand whole in one element. Not for CBOR:
the format writes and reads it, and knows no document.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tegata.errors import MalformedInput

#: Names from the top of the claims to what one element holds.
ElementPath: TypeAlias = tuple[str, ...]
#: How a text is written in CBOR: a calendar date, the bytes of a picture, or as it is.
Kind: TypeAlias = Literal["", "full-date", "picture"]

_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


@dataclass(frozen=True, slots=True)
class MdocElement:
    """Where one claim stands in the mobile document."""

    path: ElementPath
    namespace: str
    identifier: str
    kind: Kind = ""


@dataclass(frozen=True, slots=True)
class MdocNames:
    """The signed names of one document type as a mobile document."""

    doctype: str
    elements: tuple[MdocElement, ...]

    def of_claim(self, claim: str) -> tuple[MdocElement, ...]:
        """Return the elements that carry a claim at the top: one, or one per member that is chosen on its own."""
        return tuple(element for element in self.elements if element.path[0] == claim)

    def claims(self, shown: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Return the claims behind the elements that were shown, by namespace and identifier.

        Raises `MalformedInput` for an element that the document does not have, and for a picture that is none.
        """
        places = {(element.namespace, element.identifier): element for element in self.elements}
        found: dict[str, Any] = {}
        for namespace, elements in shown.items():
            for identifier, value in elements.items():
                element = places.get((namespace, identifier))
                if element is None:
                    raise MalformedInput(f"{self.doctype} has no element {namespace}/{identifier}"[:200])
                target = found
                for name in element.path[:-1]:
                    target = target.setdefault(name, {})
                target[element.path[-1]] = _picture(value) if element.kind == "picture" else value
        return found


def read_names(content: Mapping[str, Any]) -> MdocNames:
    """Read a `mdoc.json`; raises `KeyError` where something is missing."""
    return MdocNames(
        content["doctype"],
        tuple(
            MdocElement(tuple(entry["path"]), namespace, entry["identifier"], entry.get("kind", ""))
            for namespace, entries in content["namespaces"].items()
            for entry in entries
        ),
    )


def _picture(value: Any) -> str:
    if isinstance(value, bytes):
        for start, media_type in _PICTURES.items():
            if value.startswith(start):
                return f"data:{media_type};base64,{base64.b64encode(value).decode('ascii')}"
    raise MalformedInput("a picture that is neither JPEG nor PNG")
