"""Which documents can be had as which of 1EdTech's forms, and how a form says what it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from schemas.education import clr, open_badge
from schemas.education.checking import Form
from schemas.names import CREDENTIAL_TYPE, CREDENTIALS_V2
from tegata.errors import Text

_VOCABULARY = "https://purl.imsglobal.org/spec/vc/"
_COURSE = "course-"


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One form: its contexts and types as a credential has them, and the expanded type by which it is known.

    `documents` are the catalogue's names of what it can be made from.
    """

    name: Form
    title: Text
    contexts: tuple[str, ...]
    types: tuple[str, ...]
    expanded_type: str
    documents: tuple[str, ...]


FORMS: Mapping[str, FormDefinition] = MappingProxyType(
    {
        form.name: form
        for form in (
            FormDefinition(
                "open-badge",
                Text("オープンバッジ", "Open Badge"),
                (CREDENTIALS_V2, open_badge.CONTEXT),
                (CREDENTIAL_TYPE, open_badge.TYPE),
                f"{_VOCABULARY}ob/vocab.html#OpenBadgeCredential",
                ("graduation", "completion", "achievement"),
            ),
            FormDefinition(
                "clr",
                Text("学習記録（CLR）", "Learner record (CLR)"),
                (CREDENTIALS_V2, clr.CONTEXT, open_badge.CONTEXT),
                (CREDENTIAL_TYPE, clr.TYPE),
                f"{_VOCABULARY}clr/vocab.html#ClrCredential",
                ("transcript", "transcript-he", "credits"),
            ),
        )
    }
)


def forms_of(document: str) -> tuple[FormDefinition, ...]:
    """Return the forms in which a document can be had."""
    return tuple(form for form in FORMS.values() if document in form.documents)


def form_of_types(types: tuple[str, ...]) -> FormDefinition | None:
    """Return the form that a credential of these expanded types is; None for any other credential."""
    return next((form for form in FORMS.values() if form.expanded_type in types), None)


def documents_of(form: FormDefinition, credential: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the documents that a form may have been made from, by what it says of itself; none if it says nothing.

    A badge names its document in the id of its achievement; a course stands in every transcript. Untrusted: who asks knows
    which of these the issuer may issue.
    """
    if form.name == "clr":
        return form.documents
    subject = credential.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, Mapping) else None
    identifier = achievement.get("id") if isinstance(achievement, Mapping) else None
    fragment = identifier.rpartition("#")[2] if isinstance(identifier, str) else ""
    if fragment.startswith(_COURSE):
        return FORMS["clr"].documents
    return (fragment,) if fragment in form.documents else ()


def school_code_of(credential: Mapping[str, Any]) -> str:
    """Return the 学校コード of the school that a form names as its issuer; empty if it names none."""
    issuer = credential.get("issuer")
    entries = issuer.get("otherIdentifier") if isinstance(issuer, Mapping) else None
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, Mapping) and entry.get("identifierType") == open_badge.SCHOOL_CODE:
            return str(entry.get("identifier", ""))
    return ""
