"""What a document says, in the words of the catalogue: which type it is, its claims, and whether they follow its rules.

Only what was disclosed is looked at: a claim that was withheld is not missing.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from schemas.catalogue import Catalogue, DocumentDefinition
from schemas.validation import validate_disclosed
from tegata.errors import TegataError, Text
from tegata.formats.credential import Verified
from verifier.oid4vp.dcql import MSO_MDOC
from verifier.verification import texts
from verifier.verification.formats import W3C_FORMATS
from verifier.verification.opened import TypeCheck
from verifier.verification.report import CheckName, Outcome

_MAX_SHOWN = 20


class Note(Protocol):
    """Writes one check of a report."""

    def __call__(
        self, name: CheckName, outcome: Outcome, reason: Text, clause: str = "", **evidence: str
    ) -> None:
        """Write the check."""


def document_of(catalogue: Catalogue, verified: Verified) -> DocumentDefinition | None:
    """Return the catalogue's definition of the credential's type; None for a type that is not known here."""
    if verified.format in W3C_FORMATS:
        return catalogue.find_by_types(verified.types)
    if verified.format == MSO_MDOC:
        return catalogue.find_by_doctype(verified.types[0])
    # The first is the credential's own vct; further ones are its parents' (SD-JWT VC §2.2.2.1).
    return catalogue.find_by_vct(verified.types[0]) if verified.types else None


def claims_of(verified: Verified) -> Mapping[str, Any]:
    """Return the claims about the person, without the format's own members."""
    return {name: value for name, value in verified.claims.items() if name not in {"id", "type"}}


def check_content(
    note: Note, document: DocumentDefinition | None, verified: Verified, check_type: TypeCheck
) -> None:
    """Make check 7: what was received follows the rules of its type. Evidence names places and rules, no values.

    1. It is hidden and shown as the type metadata says, and these are the bytes that it was signed for.
    2. Its claims follow schema and rules.
    """
    name = CheckName.SCHEMA
    if document is None:
        note(name, Outcome.UNDECIDED, texts.SCHEMA_UNKNOWN)
        return
    try:
        check_type({document.vct: document.type_metadata}, verified)
    except TegataError as error:
        evidence = {"problem": error.kind, "place": error.pointer}
        note(name, Outcome.FAILED, texts.SCHEMA_FAILED, error.clause or "SD-JWT VC §6", **evidence)
        return
    claims = claims_of(verified)
    violations = validate_disclosed(document, claims, hides_all=verified.format == MSO_MDOC)
    if violations:
        evidence = {f"{item.pointer or '/'} {item.rule}": item.text.en for item in violations[:_MAX_SHOWN]}
        note(name, Outcome.FAILED, texts.SCHEMA_FAILED, document.schema_url, **evidence)
        return
    required = {path[0] for path in document.mandatory if len(path) == 1}
    reason = texts.SCHEMA_PASSED if required <= claims.keys() else texts.SCHEMA_PARTIAL
    note(name, Outcome.PASSED, reason, document.schema_url)
