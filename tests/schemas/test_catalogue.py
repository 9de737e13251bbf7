import base64
import hashlib
import json
import shutil
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from schemas import catalogue, contexts, names
from schemas.catalogue import DATA, Catalogue, Validity
from tegata.errors import Misconfigured, NotFound
from tegata.formats.sd_jwt_vc.type_metadata import resolve
from tests.schemas.claims import DOCUMENTS, NAMES, definition


def test_the_documents_stand_in_their_order() -> None:
    assert NAMES == (
        "graduation",
        "expected-graduation",
        "completion",
        "enrolment",
        "transcript",
        "transcript-he",
        "student-id",
        "credits",
        "commuter",
        "fare-discount",
        "accident-aid",
        "achievement",
        "health-notice",
        "cannot-be-issued",
        "guidance-register",
        "guidance-record",
        "health-card",
        "dental-card",
        "admission-report",
        "admission-report-hs",
    )


def test_a_document_is_found_by_name_by_vct_and_by_its_types() -> None:
    loaded = catalogue.load()
    for document in loaded.documents:
        assert loaded.get(document.name) is document
        assert loaded.find_by_vct(document.vct) is document
        assert loaded.find_by_types(document.type_iris) is document
        assert loaded.find_by_types((*document.type_iris, "https://example.org/More")) is document
        accepted = loaded.accepted(document.name)
        assert accepted.vct_values == (document.vct,)
        assert accepted.type_values == (document.type_iris,)


def test_what_is_not_in_the_catalogue_is_not_found() -> None:
    loaded = catalogue.load()
    with pytest.raises(NotFound):
        loaded.get("diploma")
    with pytest.raises(NotFound):
        loaded.accepted("diploma")
    assert loaded.find_by_vct("https://w3id.org/tegata/vct/graduation/2") is None
    assert loaded.find_by_types((names.CREDENTIAL_TYPE_IRI,)) is None
    assert loaded.find_by_types(()) is None


def test_a_credential_of_two_documents_at_once_is_none_of_them() -> None:
    both = (*definition("graduation").type_iris, *definition("enrolment").type_iris)
    assert catalogue.load().find_by_types(both) is None


@pytest.mark.clause("SD-JWT VC §7")
def test_the_integrity_is_over_the_exact_bytes_that_are_served() -> None:
    for document in DOCUMENTS:
        stored = (DATA / document.name / "vct.json").read_bytes()
        assert document.type_metadata == stored
        digest = base64.b64encode(hashlib.sha256(stored).digest()).decode()
        assert document.vct_integrity == f"sha256-{digest}"
        assert resolve(document.vct, {document.vct: stored}, document.vct_integrity).vct == document.vct


def test_signed_names_belong_to_the_ecosystem_and_carry_a_version() -> None:
    for document in DOCUMENTS:
        assert document.contexts == (names.CREDENTIALS_V2, document.context_url)
        assert document.types == ("VerifiableCredential", document.w3c_type)
        for name in (document.vct, document.context_url, document.schema_url):
            assert name.startswith("https://w3id.org/tegata/")
            assert name.endswith("/1")
        assert document.schema["$id"] == document.schema_url


def test_the_types_are_the_ones_of_the_plan() -> None:
    assert [document.w3c_type for document in DOCUMENTS] == [
        "JpGraduationCredential",
        "JpExpectedGraduationCredential",
        "JpCompletionCredential",
        "JpEnrolmentCredential",
        "JpTranscriptCredential",
        "JpHigherEducationTranscriptCredential",
        "JpStudentIdCredential",
        "JpCreditsEarnedCredential",
        "JpCommuterCertificate",
        "JpFareDiscountCertificate",
        "JpAccidentAidEnrolment",
        "JpAchievementCredential",
        "JpHealthCheckNotice",
        "JpCannotBeIssuedNotice",
        "JpGuidanceRegister",
        "JpGuidanceRecord",
        "JpHealthCard",
        "JpDentalCard",
        "JpAdmissionReport",
        "JpUpperSecondaryAdmissionReport",
    ]


@pytest.mark.parametrize("file", ["schema.json", "vct.json", "context.jsonld"])
def test_a_signed_file_that_is_not_the_pinned_one_is_refused(tmp_path: Path, file: str) -> None:
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    assert len(catalogue.load_from(data).documents) == len(NAMES)
    path = data / "transcript" / file
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(Misconfigured, match=f"transcript/{file}"):
        catalogue.load_from(data)


@pytest.mark.parametrize("missing", ["digests.json", "graduation/vct.json", "completion/document.json"])
def test_a_catalogue_that_is_not_complete_is_refused(tmp_path: Path, missing: str) -> None:
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    (data / missing).unlink()
    with pytest.raises(Misconfigured):
        catalogue.load_from(data)


def test_every_claim_is_always_shown_or_selectable_as_its_type_metadata_says() -> None:
    for document in DOCUMENTS:
        disclosure = {
            tuple(entry["path"]): entry["sd"] for entry in json.loads(document.type_metadata)["claims"]
        }
        assert set(disclosure) == set(document.labels)
        for path, sd in disclosure.items():
            assert (path in document.selectable) is (sd == "always")
            assert (path in document.hideable) is (sd == "allowed")
        for claim in document.schema["properties"]:
            chosen_inside = claim == "age_equal_or_over"
            assert (claim in document.always_shown) is (
                (claim,) not in document.selectable and not chosen_inside
            )


@pytest.mark.parametrize(
    ("name", "always"),
    [
        ("graduation", {"school", "date_of_issuance", "test"}),
        ("expected-graduation", {"school", "date_of_issuance", "date_of_expiry", "test"}),
        ("completion", {"school", "date_of_issuance", "test"}),
        ("enrolment", {"school", "enrolment_status", "date_of_issuance", "date_of_expiry", "test"}),
        ("transcript", {"school", "grading_scheme", "date_of_issuance", "test"}),
        ("transcript-he", {"school", "grading_scheme", "date_of_issuance", "test"}),
        ("student-id", {"school", "date_of_issuance", "date_of_expiry", "test"}),
        ("credits", {"school", "date_of_issuance", "test"}),
        ("commuter", {"school", "date_of_issuance", "date_of_expiry", "test"}),
        ("accident-aid", {"school", "date_of_issuance", "date_of_expiry", "test"}),
        ("achievement", {"achievement", "school", "date_of_issuance", "test"}),
        ("health-notice", {"school", "date_of_issuance", "test"}),
        ("cannot-be-issued", {"school", "not_issued", "date_of_issuance", "test"}),
    ],
)
def test_issuer_type_and_validity_are_always_shown_and_the_document_number_is_not(
    name: str, always: set[str]
) -> None:
    document = definition(name)
    assert set(document.always_shown) == always
    assert ("document_number",) in document.selectable


def test_each_course_is_chosen_on_its_own_and_disclosed_whole() -> None:
    for name in ("transcript", "transcript-he", "credits"):
        document = definition(name)
        assert {("courses",), ("courses", None)} <= set(document.selectable)
        assert not [path for path in document.selectable if len(path) == 3]


def test_what_must_never_be_carried_is_no_claim() -> None:
    for document in DOCUMENTS:
        never = {item.claim for item in document.never}
        assert {"individual_number", "nationality", "religion", "welfare"} <= never
        if document.legal_basis != "statutory":
            assert {"sex", "special_needs", "guardian"} <= never
        assert not never & set(document.schema["properties"])


def test_three_legal_bases_are_kept_apart() -> None:
    found = {
        basis: [document.name for document in DOCUMENTS if document.legal_basis == basis]
        for basis in ("statutory", "sent_at_request")
    }
    assert found == {
        "statutory": ["guidance-register", "guidance-record", "health-card", "dental-card"],
        "sent_at_request": ["admission-report", "admission-report-hs"],
    }


def test_of_what_is_sent_between_organisations_nobody_hides_a_part() -> None:
    for document in DOCUMENTS:
        if document.legal_basis != "consent":
            assert document.selectable == document.hideable == ()
            assert set(document.always_shown) == set(document.schema["properties"])


def test_a_fare_discount_certificate_shows_the_number_by_which_it_is_used_up() -> None:
    document = definition("fare-discount")
    assert "document_number" in document.always_shown
    assert document.has_status


def test_labels_stand_in_both_languages() -> None:
    for document in DOCUMENTS:
        assert all(text.ja and text.en for text in document.labels.values())
        assert set(document.code_lists) <= set(document.labels)


@pytest.mark.parametrize(
    ("validity", "issued", "last"),
    [
        (Validity("none"), date(2026, 3, 2), None),
        (Validity("until_end_of_school_year"), date(2026, 3, 31), date(2026, 3, 31)),
        (Validity("until_end_of_school_year"), date(2026, 4, 1), date(2027, 3, 31)),
        (Validity("months", 3), date(2025, 11, 20), date(2026, 2, 20)),
        (Validity("months", 3), date(2025, 11, 30), date(2026, 2, 28)),
        (Validity("months", 3), date(2027, 11, 30), date(2028, 2, 29)),
        (Validity("months", 3), date(2025, 9, 30), date(2025, 12, 30)),
        (Validity("months", 1), date(2026, 1, 31), date(2026, 2, 28)),
        (Validity("months", 12), date(2025, 12, 31), date(2026, 12, 31)),
    ],
)
def test_a_lifetime_ends_on_a_day(validity: Validity, issued: date, last: date | None) -> None:
    assert validity.last_day(issued) == last


@pytest.mark.clause("学校教育法施行規則 第28条第2項")
def test_ratings_are_kept_for_5_years_and_the_register_for_20() -> None:
    assert definition("transcript").retention.years == 5
    assert definition("enrolment").retention.years == 20
    assert definition("graduation").retention.years is None


def test_a_student_id_and_records_sent_between_schools_have_no_status_and_everything_else_has() -> None:
    without = {document.name for document in DOCUMENTS if not document.has_status}
    statutory = {document.name for document in DOCUMENTS if document.legal_basis == "statutory"}
    assert without == {"student-id", *statutory}


def test_only_what_is_expected_is_followed_by_something() -> None:
    followed = {document.name: document.followed_by for document in DOCUMENTS if document.followed_by}
    assert followed == {"expected-graduation": "graduation"}


def test_a_catalogue_of_other_documents_can_be_made() -> None:
    one = Catalogue((definition("graduation"),))
    assert one.find_by_vct(definition("enrolment").vct) is None
    assert one.get("graduation") is definition("graduation")


def test_contexts_are_the_pinned_ones_and_those_of_the_documents() -> None:
    found = catalogue.contexts()
    assert set(found) == set(contexts.load()) | {document.context_url for document in DOCUMENTS}
    assert found[definition("transcript").context_url] == definition("transcript").context


def test_the_command_finds_the_contexts_through_their_entry_point() -> None:
    (point,) = entry_points(group="tegata.contexts")
    assert point.load()() == catalogue.contexts()
