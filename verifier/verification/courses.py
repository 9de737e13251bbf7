"""The courses inside a learner record (CLR 2.0): each is verified as well as the whole.

As linked data, all that a record says of its learner is one set of statements, so that a course which was changed into what another
one says would still fit the signature of the whole. Only its own signature breaks.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.education.forms import FORMS
from tegata.codec import json
from tegata.formats import data_integrity
from tegata.formats.credential import Expected, Limits, SignatureRefused
from tegata.formats.vcdm import model
from tegata.keys.signer import Algorithm, PublicKey
from verifier.verification.opened import Contexts


def is_record(types: tuple[str, ...]) -> bool:
    """Whether a credential of these expanded types is a learner record."""
    return FORMS["clr"].expanded_type in types


def check_courses(
    record: Mapping[str, Any],
    key: PublicKey,
    algorithms: frozenset[Algorithm],
    contexts: Contexts,
    limits: Limits,
    now: datetime,
) -> None:
    """Verify every course of a learner record with the key of the whole; raises `SignatureRefused`, `FormatRefused`."""
    subject = record.get("credentialSubject")
    items = model.as_list(subject.get("verifiableCredential")) if isinstance(subject, Mapping) else []
    expected = Expected(enforce_validity=False)
    for item in items:
        parsed = data_integrity.parse(json.dumps(item), contexts, limits)
        if parsed.issuer != model.identifier_of(record["issuer"]):
            raise SignatureRefused("a course of another issuer", clause="CLR 2.0 §B.1.2")
        data_integrity.verify(parsed, key, algorithms, now=now, expected=expected)
