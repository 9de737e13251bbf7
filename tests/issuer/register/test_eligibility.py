"""Which learner can be issued which document, and the reason if not."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.register.eligibility import obstacles
from issuer.register.record import Decision, Enrolment, LearnerRecord
from schemas import catalogue
from tests.issuer.register.school import ISSUED, SCHOOL

Records = dict[str, LearnerRecord]


def codes(name: str, record: LearnerRecord, day: date = ISSUED, today: date | None = None) -> list[str]:
    document = catalogue.load().get(name)
    return [item.code for item in obstacles(document, record, SCHOOL, issue_date=day, today=today or day)]


def decided(record: LearnerRecord, *decisions: Decision) -> LearnerRecord:
    return replace(record, decisions=decisions)


EXPECTED = Decision("expected", date(2025, 10, 1), date(2026, 3, 31))


@pytest.mark.parametrize("name", ["graduation", "transcript"])
def test_the_38_graduates_can_be_issued_both_documents(sample_records: Records, name: str) -> None:
    without = {number for number, record in sample_records.items() if codes("graduation", record)}
    assert without == {"2023037", "2023040"}
    assert all(
        codes(name, record) == [] for number, record in sample_records.items() if number not in without
    )


def test_who_withdrew_is_refused_with_the_day(sample_records: Records) -> None:
    document = catalogue.load().get("graduation")
    (found,) = obstacles(document, sample_records["2023037"], SCHOOL, issue_date=ISSUED, today=ISSUED)
    assert found.code == "withdrew"
    assert found.text.ja == "令和7年10月31日に退学しています。卒業していません。"
    assert "2025-10-31" in found.text.en


def test_who_is_withheld_is_refused_until_a_later_decision(sample_records: Records) -> None:
    record = sample_records["2023040"]
    assert codes("graduation", record) == ["graduation_withheld"]
    later = decided(record, *record.decisions, Decision("graduation", date(2026, 3, 20), date(2026, 3, 31)))
    assert codes("graduation", later, date(2026, 3, 19)) == ["graduation_withheld"]
    assert codes("graduation", later, date(2026, 3, 20)) == ["before_effect"]
    assert codes("graduation", later, date(2026, 3, 31)) == []


def test_nothing_is_issued_before_the_decision_or_before_graduation(sample_records: Records) -> None:
    record = sample_records["2023001"]
    assert codes("graduation", record, date(2026, 2, 19)) == ["before_decision"]
    assert codes("graduation", record, date(2026, 2, 20)) == ["before_effect"]
    assert codes("graduation", record, date(2026, 2, 28)) == ["before_effect"]
    assert codes("graduation", record, date(2026, 3, 1)) == []


def test_without_a_decision_there_is_no_graduation(sample_records: Records) -> None:
    record = decided(sample_records["2023001"])
    assert codes("graduation", record) == ["decision_missing"]
    assert codes("graduation", decided(record, EXPECTED)) == ["decision_missing"]
    undated = decided(record, Decision("graduation", date(2026, 2, 20)))
    assert codes("graduation", undated) == ["date_missing"]


def test_expected_graduation_rests_on_a_finding_and_ends_with_graduation(sample_records: Records) -> None:
    day = date(2025, 11, 20)
    record = sample_records["2023001"]
    assert codes("expected-graduation", record, day) == ["finding_missing"]
    found = decided(record, EXPECTED, *record.decisions)
    assert codes("expected-graduation", found, day) == []
    assert codes("expected-graduation", found, date(2026, 3, 1)) == ["not_enrolled", "already_graduated"]
    withdrew = sample_records["2023037"]
    assert codes("expected-graduation", withdrew, day) == ["not_enrolled", "withdrew"]
    withheld = sample_records["2023040"]
    assert codes("expected-graduation", withheld, ISSUED) == ["graduation_withheld"]
    overdue = decided(record, Decision("expected", date(2025, 10, 1), date(2025, 11, 1)))
    assert codes("expected-graduation", overdue, day) == ["expectation_past"]


@pytest.mark.parametrize("name", ["enrolment", "student-id"])
def test_only_who_is_enrolled_on_the_day_is_certified_as_enrolled(sample_records: Records, name: str) -> None:
    record = sample_records["2023001"]
    assert codes(name, record, date(2023, 4, 7)) == ["before_admission"]
    assert codes(name, record, date(2023, 4, 8)) == []
    assert codes(name, record, date(2026, 2, 28)) == []
    assert codes(name, record, date(2026, 3, 1)) == ["not_enrolled"]
    assert codes(name, replace(record, enrolment=None)) == ["enrolment_missing"]


def test_a_student_id_needs_a_student_number(sample_records: Records) -> None:
    record = replace(sample_records["2023001"], student_number="")
    assert codes("student-id", record, date(2025, 4, 14)) == ["number_missing"]


def test_completion_needs_its_decision_with_date_and_programme(sample_records: Records) -> None:
    record = decided(sample_records["2023001"])
    assert codes("completion", record) == ["decision_missing"]
    done = Decision("completion", date(2026, 2, 20), date(2026, 3, 1), programme="特別課程")
    assert codes("completion", decided(record, done)) == []
    assert codes("completion", decided(record, replace(done, programme=""))) == ["programme_missing"]
    assert codes("completion", decided(record, replace(done, effective_date=None))) == ["date_missing"]


def test_a_transcript_needs_results_on_the_scale_of_five(sample_records: Records) -> None:
    record = sample_records["2023001"]
    assert codes("transcript", replace(record, results=())) == ["results_missing"]
    other = (replace(record.results[0], rating="優秀"), *record.results[1:])
    assert codes("transcript", replace(record, results=other)) == ["rating_scale"]


@pytest.mark.clause("学校教育法施行規則 第28条第2項")
def test_a_transcript_cannot_be_issued_more_than_five_years_after_leaving(sample_records: Records) -> None:
    record = sample_records["2023001"]
    assert codes("transcript", record, date(2031, 3, 1)) == []
    assert codes("transcript", record, date(2031, 3, 2)) == ["retention_lapsed"]
    # A certificate of graduation rests on a roll that is kept.
    assert codes("graduation", record, date(2071, 3, 2)) == []
    document = catalogue.load().get("transcript")
    (found,) = obstacles(document, record, SCHOOL, issue_date=date(2031, 3, 2), today=date(2031, 3, 2))
    assert "学校教育法施行規則" in found.text.ja


@pytest.mark.clause("学校教育法施行規則 第28条第2項")
def test_in_place_of_a_lapsed_document_a_notice_can_be_issued_and_not_before(sample_records: Records) -> None:
    record = sample_records["2023001"]
    assert codes("cannot-be-issued", record, date(2031, 3, 1)) == ["nothing_lapsed"]
    assert codes("cannot-be-issued", record, date(2031, 3, 2)) == []
    (found,) = obstacles(
        catalogue.load().get("transcript"),
        record,
        SCHOOL,
        issue_date=date(2031, 3, 2),
        today=date(2031, 3, 2),
    )
    assert "発行できない旨の証明書" in found.text.ja


def test_credits_are_certified_for_twenty_years_and_ratings_for_five(sample_records: Records) -> None:
    record = sample_records["2023001"]
    assert codes("credits", record, date(2046, 3, 1)) == []
    assert codes("credits", record, date(2046, 3, 2)) == ["retention_lapsed"]


def test_an_old_issue_date_does_not_bring_a_lapsed_record_back(sample_records: Records) -> None:
    record = sample_records["2023001"]
    assert codes("transcript", record, ISSUED, today=date(2031, 3, 2)) == ["retention_lapsed"]


@pytest.mark.clause("民法 第143条第2項")
def test_five_years_from_a_leap_day_end_with_february(sample_records: Records) -> None:
    left = Enrolment(date(2021, 4, 1), leaving_date=date(2024, 2, 29), status="graduated")
    record = replace(sample_records["2023001"], enrolment=left)
    assert codes("transcript", record, date(2029, 2, 28)) == []
    assert codes("transcript", record, date(2029, 3, 1)) == ["retention_lapsed"]


def test_a_school_of_another_kind_or_another_schools_learner_is_refused(sample_records: Records) -> None:
    document = catalogue.load().get("transcript-he")
    found = obstacles(document, sample_records["2023001"], SCHOOL, issue_date=ISSUED, today=ISSUED)
    assert [item.code for item in found] == ["school_kind"]
    assert codes("graduation", replace(sample_records["2023001"], school_id="0" * 32)) == ["other_school"]


def test_nobody_born_after_the_date_of_issue_gets_a_document(sample_records: Records) -> None:
    record = replace(sample_records["2023001"], birthdate=date(2030, 1, 1))
    assert codes("graduation", record) == ["birthdate"]


def test_every_reason_is_in_both_languages(sample_records: Records) -> None:
    for name in ("graduation", "enrolment", "completion", "expected-graduation", "transcript-he"):
        document = catalogue.load().get(name)
        for record in sample_records.values():
            for found in obstacles(document, record, SCHOOL, issue_date=ISSUED, today=ISSUED):
                assert found.text.ja.endswith("。")
                assert found.text.en.endswith(".")
