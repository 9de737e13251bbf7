"""Documents as mobile ones: every claim has one place, and what was issued from a sample says the sample again."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas import catalogue, names
from schemas.dictionary import DATA
from schemas.mdoc import read_names
from tegata.errors import MalformedInput
from tegata.formats import credential, mdoc
from tegata.formats.credential import Document, TypeNames
from tegata.keys.software import SoftwareSigner
from tests.schemas.claims import DOCUMENTS, definition, sample

NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
HELD = [document.name for document in DOCUMENTS if document.is_for_holders]
SIGNER = SoftwareSigner.generate().with_certificates((b"leaf",))
PICTURE = "data:image/png;base64,iVBORw0KGgo="


def _read_back(name: str, claims: dict[str, Any]) -> dict[str, Any]:
    found = definition(name).mdoc
    assert found is not None
    elements = tuple(
        credential.MdocElement(element.path, element.namespace, element.identifier, element.kind)
        for element in found.elements
    )
    document = Document(
        issuer="https://issuer.example/s/abc",
        issuer_did="",
        issuer_name={},
        names=TypeNames("", "", (), (), ()),
        claims=claims,
        valid_from=NOW,
        valid_until=NOW + timedelta(days=365),
        mdoc=credential.MdocNames(found.doctype, elements),
    )
    prepared = mdoc.prepare(document, SoftwareSigner.generate().public_key, secrets.token_bytes, NOW)
    parsed = mdoc.parse(mdoc.seal(prepared, SIGNER))
    return found.claims(mdoc.verify(parsed, SIGNER.public_key, now=NOW).raw)


def test_what_a_wallet_may_hold_is_a_mobile_document_and_nothing_else_is() -> None:
    assert {document.name for document in DOCUMENTS if document.mdoc is not None} == set(HELD)
    assert all(
        not (DATA / document.name / "mdoc.json").exists() for document in DOCUMENTS if not document.mdoc
    )


@pytest.mark.parametrize("name", HELD)
def test_every_claim_has_its_place_and_no_two_share_one(name: str) -> None:
    document = definition(name)
    assert document.mdoc is not None
    elements = document.mdoc.elements
    assert {element.path[0] for element in elements} == set(document.schema["properties"])
    assert all(element.path in document.labels for element in elements)
    for places in (
        {(item.namespace, item.identifier) for item in elements},
        {item.path for item in elements},
    ):
        assert len(places) == len(elements)


@pytest.mark.parametrize("name", HELD)
def test_a_sample_is_issued_and_read_back_the_same(name: str) -> None:
    assert _read_back(name, sample(name)) == sample(name)


def test_a_portrait_is_its_bytes_and_comes_back_as_it_was() -> None:
    claims = sample("student-id") | {"portrait": PICTURE}
    assert _read_back("student-id", claims) == claims


@pytest.mark.clause("ISO/IEC 18013-5 §7.2.1")
def test_what_is_chosen_one_by_one_is_an_element_of_its_own() -> None:
    found = definition("student-id").mdoc
    assert found is not None
    assert [element.identifier for element in found.of_claim("age_equal_or_over")] == [
        "age_over_18",
        "age_over_20",
    ]
    shown = {found.doctype: {"age_over_20": False, "birth_date": "2007-04-14"}}
    assert found.claims(shown) == {"age_equal_or_over": {"20": False}, "birthdate": "2007-04-14"}


@pytest.mark.parametrize(
    "shown",
    [
        {"org.w3id.tegata.student_id.1": {"nationality": "JP"}},
        {"org.iso.18013.5.1": {"family_name": "青葉"}},
        {"org.w3id.tegata.student_id.1": {"portrait": "data:image/png;base64,iVBORw0KGgo="}},
        {"org.w3id.tegata.student_id.1": {"portrait": b"GIF89a"}},
    ],
    ids=["element", "namespace", "portrait as text", "portrait of another kind"],
)
def test_an_element_that_the_document_does_not_have_is_refused(shown: dict[str, Any]) -> None:
    found = definition("student-id").mdoc
    assert found is not None
    with pytest.raises(MalformedInput):
        found.claims(shown)


def test_a_document_is_found_by_its_doctype_and_asked_for_by_it() -> None:
    loaded = catalogue.load()
    assert loaded.find_by_doctype("org.w3id.tegata.student_id.1") is loaded.get("student-id")
    assert loaded.find_by_doctype("org.iso.18013.5.1.mDL") is None
    assert loaded.accepted("transcript-he").doctype_value == "org.w3id.tegata.transcript_he.1"
    assert loaded.accepted("health-card").doctype_value == ""


def test_names_of_doctypes_belong_to_the_ecosystem_and_no_two_are_the_same() -> None:
    found = {names.doctype(name) for name in names.documents()}
    assert len(found) == len(names.documents())
    assert all(name.startswith("org.w3id.tegata.") and name.endswith(".1") for name in found)


def test_names_are_data_that_can_be_replaced() -> None:
    raw = json.loads((DATA / "student-id" / "mdoc.json").read_bytes())
    raw["doctype"] = "jp.example.student.1"
    raw["namespaces"] = {"jp.example.1": raw["namespaces"].pop("org.w3id.tegata.student_id.1")}
    found = read_names(raw)
    assert found.doctype == "jp.example.student.1"
    assert found.claims({"jp.example.1": {"grade": "H3"}}) == {"grade": "H3"}
