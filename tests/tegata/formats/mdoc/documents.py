"""An invented document as a mobile one, a school's key, and a learner's device."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tegata.formats import mdoc
from tegata.formats.credential import Document, MdocElement, MdocNames, StatusReference, TypeNames
from tegata.formats.mdoc import session
from tegata.keys.software import SoftwareSigner

NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
DOCTYPE, SPACE, OTHER = "example.graduation.1", "example.school.1", "example.person.1"
CLAIMS: dict[str, Any] = {
    "family_name": "青葉",
    "given_name": "桜",
    "birthdate": "2008-02-29",
    "graduation_date": "2026-03-01",
    "school": {"code": "D100299999903", "kind": "D1"},
    "courses": [{"course": "現代の国語", "credits": 2}, {"course": "数学", "credits": 3}],
    "is_first": True,
    "age": {"18": True},
}
ELEMENTS = (
    MdocElement(("family_name",), OTHER, "family_name"),
    MdocElement(("given_name",), OTHER, "given_name"),
    MdocElement(("birthdate",), OTHER, "birth_date", "full-date"),
    MdocElement(("graduation_date",), SPACE, "graduation_date", "full-date"),
    MdocElement(("school",), SPACE, "school"),
    MdocElement(("courses",), SPACE, "courses"),
    MdocElement(("is_first",), SPACE, "is_first"),
    MdocElement(("age", "18"), OTHER, "age_over_18"),
    MdocElement(("portrait",), OTHER, "portrait", "picture"),
)
NAMES = TypeNames("", "", (), (), ())
SIGNER = SoftwareSigner.generate().with_certificates((b"leaf",))
DEVICE = SoftwareSigner.generate()
TRANSCRIPT = session.openid4vp_transcript(
    "x509_san_dns:example.com", "n-1", "https://example.com/response", None
)


def document(**changes: Any) -> Document:
    values: dict[str, Any] = {
        "issuer": "https://issuer.example/s/abc",
        "issuer_did": "",
        "issuer_name": {},
        "names": NAMES,
        "claims": CLAIMS,
        "valid_from": NOW,
        "valid_until": NOW + timedelta(days=365),
        "status": StatusReference(77, "https://issuer.example/status/1", "", ""),
        "mdoc": MdocNames(DOCTYPE, ELEMENTS),
    }
    return Document(**{**values, **changes})


def issued(signer: SoftwareSigner = SIGNER, device: SoftwareSigner = DEVICE, **changes: Any) -> bytes:
    prepared = mdoc.prepare(document(**changes), device.public_key, secrets.token_bytes, NOW)
    return mdoc.seal(prepared, signer)
