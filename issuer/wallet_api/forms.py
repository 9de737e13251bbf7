"""Copies in 1EdTech's forms: the same document as an Open Badge or a learner record, signed with the school's key for forms.

Built and checked before anything is recorded; signed after the commit, as every copy is. A record's courses are signed one by one,
then the record around them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.education import clr
from schemas.education.checking import Form, check
from schemas.education.open_badge import open_badge
from schemas.education.source import Source
from tegata.formats import data_integrity
from tegata.formats.credential import StatusReference
from tegata.keys.signer import Signer
from tegata.status.bitstring_entry import ClaimedEntry
from tegata.status.bitstring_status_list import REVOCATION

_SUITE = "eddsa-rdfc-2022"


@dataclass(frozen=True, slots=True)
class PreparedForm:
    """A form that has everything but its signatures."""

    form: Form
    source: Source = field(repr=False)
    contexts: Mapping[str, bytes] = field(repr=False)


def status_of_form(reference: StatusReference | None) -> Mapping[str, Any] | None:
    """Return the one status entry that 1EdTech's forms have room for: revocation."""
    if reference is None:
        return None
    return ClaimedEntry(REVOCATION, reference.index, reference.revocation_list).stated()


def prepare(form: Form, source: Source, contexts: Mapping[str, bytes]) -> PreparedForm:
    """Build the form once without signatures, so that what cannot be made is refused before anything is recorded.

    Raises `FormRefused`.
    """
    if form == "clr":
        check(form, clr.record(source, clr.courses(source)))
    else:
        check(form, open_badge(source))
    return PreparedForm(form, source, contexts)


def seal(prepared: PreparedForm, signer: Signer) -> dict[str, Any]:
    """Sign the form; a record's courses first."""
    source = prepared.source
    if prepared.form != "clr":
        return _signed(open_badge(source), prepared, signer)
    courses = [_signed(course, prepared, signer) for course in clr.courses(source)]
    return _signed(clr.record(source, courses), prepared, signer)


def _signed(credential: Mapping[str, Any], prepared: PreparedForm, signer: Signer) -> dict[str, Any]:
    source = prepared.source
    method = f"{source.issuer}#{signer.public_key.key_id}"
    created: datetime = source.valid_from
    found = data_integrity.secure(credential, signer, method, created, prepared.contexts, cryptosuite=_SUITE)
    # The schemas of 1EdTech ask for an array.
    return {**found, "proof": [found["proof"]]}
