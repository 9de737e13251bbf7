"""What a form is made from: the claims of one document, whose they are and who vouches for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.catalogue import DocumentDefinition
from tegata.errors import MalformedInput, Text


class FormRefused(MalformedInput):
    """The document has no such form."""

    kind = "form_refused"
    text = Text("この証明書は、この形式では発行できません。", "This document cannot be had in this form.")


@dataclass(frozen=True, slots=True)
class Source:
    """A document on its way into another form.

    `identifier` is the form's own (a URN or URL); what is inside gets fragments of it, or of `issuer_url` where it is the
    same for every learner. `issuer` is the school's DID, `subject` the learner's; without one the learner is named.
    Instants are UTC, whole seconds. `status` is the entry of the form's own, as W3C credentials have it: 1EdTech's forms have
    room for one, which is for revocation.
    """

    document: DocumentDefinition
    claims: Mapping[str, Any] = field(repr=False)
    identifier: str
    issuer: str
    issuer_url: str
    valid_from: datetime
    valid_until: datetime | None = None
    subject: str = ""
    status: Mapping[str, Any] | None = None

    @property
    def credential_status(self) -> dict[str, Any]:
        """The status as a member of a credential, with the id that 1EdTech's schemas ask for; nothing if there is none."""
        if self.status is None:
            return {}
        entry = dict(self.status)
        identifier = f"{entry['statusListCredential']}#{entry['statusListIndex']}"
        return {"credentialStatus": {"id": identifier, **entry}}

    @property
    def school(self) -> Mapping[str, Any]:
        """The school as the document names it."""
        found: Mapping[str, Any] = self.claims["school"]
        return found

    @property
    def school_name(self) -> str:
        """The school's name in Latin letters where there is one, for readers abroad."""
        return str(self.school.get("name_latin") or self.school["name"])

    @property
    def learner_name(self) -> str:
        """The learner's name: in Latin letters where there is one, else as registered."""
        for suffix in ("_latin", ""):
            parts = [self.claims.get(f"{part}_name{suffix}") for part in ("given", "middle", "family")]
            if self.claims.get(f"family_name{suffix}"):
                return " ".join(part for part in parts if part)
        raise FormRefused("a document without a name")


def instant(moment: datetime) -> str:
    """Return an instant as W3C credentials write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def day(value: str) -> str:
    """Return a calendar date of Japan as the instant at which it begins there."""
    return f"{value}T00:00:00+09:00"
