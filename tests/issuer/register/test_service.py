"""Imports from check to confirmation, on both databases."""

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from sqlalchemy import select

from issuer import samples
from issuer.base import AUDIT, Base
from issuer.register import changes
from issuer.register.errors import (
    ImportEnded,
    NotChecked,
    OtherSchool,
    RegisterChanged,
    RowsInError,
    UnreadableFile,
)
from tegata.errors import NotFound
from tegata.identity.individual_number import IndividualNumberRefused
from tests.issuer.register.conftest import Register
from tests.issuer.register.school import NOW, SCHOOL

LIST = "学籍番号,氏名,フリガナ,生年月日\r\nA1,青葉　はるか,アオバ　ハルカ,2007-04-14\r\nA2,赤星 蓮,アカホシ レン,平成19年10月6日\r\n"
OTHER = replace(SCHOOL, id="6" * 32, tenant_id="8" * 32)


def spreadsheet(text: str = LIST) -> dict[str, bytes]:
    return {"list.csv": text.encode("utf-8")}


def test_a_check_stores_nothing_in_the_register(register: Register) -> None:
    checked = register.service.check_import(SCHOOL, samples.register(), actor="clerk", now=NOW)
    assert (checked.report.new, checked.report.errors) == (40, 0)
    assert register.everyone() == {}
    assert register.rows("course_result") == 0
    assert register.rows("audit_row") == 0


def test_a_confirmed_import_brings_everybody_with_all_facts(sample_register: Register) -> None:
    records = sample_register.everyone()
    assert len(records) == 40
    first = records["2023001"]
    assert first.enrolment is not None
    assert (first.enrolment.status, first.enrolment.leaving_date) == ("graduated", date(2026, 3, 1))
    assert (len(first.results), len(first.attendance), len(first.decisions)) == (42, 3, 1)
    assert (first.placements[0].home_class, first.placements[0].attendance_number) == ("3年A組", 1)
    assert sample_register.rows("course_result") == 1601
    assert sample_register.rows("fact_change") == 0


def test_importing_the_same_again_changes_nothing(sample_register: Register) -> None:
    before = sample_register.everyone()
    result = sample_register.load(samples.register())
    assert (result.new, result.changed, result.unchanged) == (0, 0, 40)
    assert sample_register.everyone() == before


def test_a_later_file_adds_to_what_is_there_and_leaves_the_rest_alone(register: Register) -> None:
    register.load(samples.roster())
    assert register.everyone()["2023001"].family_name_latin == ""
    result = register.load(samples.side_files())
    assert result.changed == 40
    first = register.everyone()["2023001"]
    assert (first.family_name, first.family_name_latin, first.version) == ("青葉", "AOBA", 2)


def test_a_change_is_shown_field_by_field_and_its_old_value_is_kept(register: Register) -> None:
    register.load(spreadsheet())
    changed = spreadsheet(LIST.replace("赤星 蓮", "赤星 廉"))
    checked = register.service.check_import(SCHOOL, changed, actor="clerk", now=NOW)
    ((line),) = checked.report.changes
    assert line["student_number"] == "A2"
    assert line["facts"] == [
        {"kind": "learner", "key": [], "before": {"given_name": "蓮"}, "after": {"given_name": "廉"}}
    ]
    register.service.confirm_import(SCHOOL, checked.job_id, actor="other clerk", now=NOW)
    record = register.everyone()["A2"]
    assert (record.given_name, record.version) == ("廉", 2)
    assert register.everyone()["A1"].version == 1
    with register.database.reading() as connection:
        (kept,) = changes.history(connection, SCHOOL.tenant_id, record.id)
    assert (kept["actor"], kept["change"]["before"], kept["at"]) == ("other clerk", {"given_name": "蓮"}, NOW)


def test_who_is_missing_from_the_file_is_told_and_never_deleted(register: Register) -> None:
    register.load(spreadsheet())
    shorter = spreadsheet("\r\n".join(LIST.split("\r\n")[:2]))
    checked = register.service.check_import(SCHOOL, shorter, actor="clerk", now=NOW)
    assert [line["name"] for line in checked.report.missing_learners] == ["赤星　蓮"]
    register.service.confirm_import(SCHOOL, checked.job_id, actor="clerk", now=NOW)
    assert set(register.everyone()) == {"A1", "A2"}


def test_rows_in_error_stay_out_only_when_that_is_said(register: Register) -> None:
    broken = spreadsheet(LIST.replace("2007-04-14", "2007-13-14"))
    checked = register.service.check_import(SCHOOL, broken, actor="clerk", now=NOW)
    (problem,) = checked.report.problems
    assert (problem["file"], problem["row"], problem["column"], problem["value"]) == (
        "list.csv", 2, "生年月日", "2007-13-14",
    )  # fmt: skip
    assert problem["what"]["ja"] == "日付として読めません。"
    with pytest.raises(RowsInError):
        register.service.confirm_import(SCHOOL, checked.job_id, actor="clerk", now=NOW)
    assert register.everyone() == {}
    result = register.service.confirm_import(
        SCHOOL, checked.job_id, actor="clerk", now=NOW, leave_out_errors=True
    )
    assert (result.new, result.left_out) == (1, 1)
    assert set(register.everyone()) == {"A2"}


def test_a_learner_with_one_wrong_result_is_left_out_with_all_results(register: Register) -> None:
    files = samples.register()
    files["grades.csv"] = files["grades.csv"].replace(
        b'"2","2","5","A","A","A"', b'"2","2","9","A","A","A"', 1
    )
    checked = register.service.check_import(SCHOOL, files, actor="clerk", now=NOW)
    assert (checked.report.new, checked.report.in_error) == (39, 1)
    register.service.confirm_import(SCHOOL, checked.job_id, actor="clerk", now=NOW, leave_out_errors=True)
    assert "2023001" not in register.everyone()


def test_a_register_that_changed_after_the_check_asks_for_a_new_one(register: Register) -> None:
    first = register.service.check_import(SCHOOL, spreadsheet(), actor="clerk", now=NOW)
    second = register.service.check_import(SCHOOL, samples.roster(), actor="clerk", now=NOW)
    register.service.confirm_import(SCHOOL, first.job_id, actor="clerk", now=NOW)
    with pytest.raises(RegisterChanged):
        register.service.confirm_import(SCHOOL, second.job_id, actor="clerk", now=NOW)
    assert set(register.everyone()) == {"A1", "A2"}
    again = register.service.check_draft(SCHOOL, second.job_id, {}, now=NOW)
    assert (again.report.new, again.report.missing) == (40, 2)
    register.service.confirm_import(SCHOOL, second.job_id, actor="clerk", now=NOW)
    assert len(register.everyone()) == 42


def test_an_import_is_confirmed_only_once(register: Register) -> None:
    checked = register.service.check_import(SCHOOL, spreadsheet(), actor="clerk", now=NOW)
    register.service.confirm_import(SCHOOL, checked.job_id, actor="clerk", now=NOW)
    with pytest.raises(ImportEnded):
        register.service.confirm_import(SCHOOL, checked.job_id, actor="clerk", now=NOW)
    assert register.rows("learner") == 2


def test_a_cancelled_import_keeps_nothing_of_the_file(register: Register) -> None:
    checked = register.service.check_import(SCHOOL, spreadsheet(), actor="clerk", now=NOW)
    register.service.cancel_import(SCHOOL, checked.job_id, actor="clerk", now=NOW)
    with register.database.reading() as connection:
        row = connection.execute(select(Base.metadata.tables["import_job"])).mappings().one()
    assert (row["state"], row["content"], row["report"]) == ("cancelled", None, None)
    with pytest.raises(ImportEnded):
        register.service.confirm_import(SCHOOL, checked.job_id, actor="clerk", now=NOW)


def test_an_import_ends_after_a_day_and_the_next_one_clears_it_away(register: Register) -> None:
    checked = register.service.check_import(SCHOOL, spreadsheet(), actor="clerk", now=NOW)
    tomorrow = NOW + timedelta(hours=24)
    with pytest.raises(ImportEnded):
        register.service.confirm_import(SCHOOL, checked.job_id, actor="clerk", now=tomorrow)
    register.service.check_import(SCHOOL, spreadsheet(), actor="clerk", now=tomorrow)
    with register.database.reading() as connection:
        jobs = Base.metadata.tables["import_job"]
        row = connection.execute(select(jobs).where(jobs.c.id == checked.job_id)).mappings().one()
    assert (row["state"], row["content"]) == ("cancelled", None)


def test_the_upload_waits_sealed(register: Register) -> None:
    register.service.check_import(SCHOOL, spreadsheet(), actor="clerk", now=NOW)
    with register.database.reading() as connection:
        row = connection.execute(select(Base.metadata.tables["import_job"])).mappings().one()
    for column in ("content", "report"):
        assert "青葉".encode() not in row[column]
        assert "青葉".encode("cp932") not in row[column]


def test_another_tenants_import_is_not_found(register: Register) -> None:
    checked = register.service.check_import(SCHOOL, spreadsheet(), actor="clerk", now=NOW)
    for use in (register.service.confirm_import, register.service.cancel_import):
        with pytest.raises(NotFound):
            use(OTHER, checked.job_id, actor="clerk", now=NOW)
    with pytest.raises(NotFound):
        register.service.report(OTHER, checked.job_id, NOW)
    assert register.service.report(SCHOOL, checked.job_id, NOW).new == 2


def test_a_spreadsheet_waits_until_its_columns_are_matched(register: Register) -> None:
    text = "No,なまえ,よみ,たんじょうび\n7,青葉 はるか,ｱｵﾊﾞ ﾊﾙｶ,H19.4.14\n"
    job_id, preview = register.service.draft_import(
        SCHOOL, {"x.csv": text.encode("cp932")}, actor="clerk", now=NOW
    )
    assert (preview.encoding, preview.first_row[1], dict(preview.mapping)) == ("cp932", "青葉 はるか", {})
    with pytest.raises(NotChecked):
        register.service.confirm_import(SCHOOL, job_id, actor="clerk", now=NOW)
    with pytest.raises(NotChecked):
        register.service.report(SCHOOL, job_id, NOW)
    mapping = {
        "No": "learner.student_number",
        "なまえ": "learner.full_name",
        "よみ": "learner.full_name_kana",
        "たんじょうび": "learner.birthdate",
    }
    checked = register.service.check_draft(SCHOOL, job_id, mapping, now=NOW)
    (notice,) = checked.report.problems
    assert (notice["notice"], notice["value"]) == (True, "ｱｵﾊﾞ ﾊﾙｶ")
    register.service.confirm_import(SCHOOL, job_id, actor="clerk", now=NOW)
    record = register.everyone()["7"]
    assert (record.family_name_kana, record.given_name_kana, record.birthdate) == (
        "アオバ",
        "ハルカ",
        date(2007, 4, 14),
    )


def test_a_refused_file_leaves_no_trace(register: Register) -> None:
    # 12 digits with the right check digit, made up for this test.
    for content in (LIST.replace("フリガナ", "マイナンバー"), LIST.replace("A1", "1234-5678-9018")):
        with pytest.raises(IndividualNumberRefused):
            register.service.check_import(SCHOOL, spreadsheet(content), actor="clerk", now=NOW)
    with pytest.raises(IndividualNumberRefused):
        register.service.draft_import(SCHOOL, {"マイナンバー.csv": b"a,b\r\n1,2"}, actor="clerk", now=NOW)
    with pytest.raises(UnreadableFile):
        register.service.check_import(SCHOOL, {"x.csv": b"\x81\x82\xff\xfe\x00"}, actor="clerk", now=NOW)
    assert register.rows("import_job") == 0
    assert register.rows("learner") == 0


def test_another_schools_roster_is_refused(register: Register) -> None:
    with pytest.raises(OtherSchool):
        register.service.check_import(
            replace(SCHOOL, code="D100299999912"), samples.roster(), actor="clerk", now=NOW
        )


def test_side_files_about_unknown_people_are_errors(register: Register) -> None:
    checked = register.service.check_import(SCHOOL, samples.side_files(), actor="clerk", now=NOW)
    assert (checked.report.new, checked.report.errors) == (0, 40)
    assert {problem["code"] for problem in checked.report.problems} == {"unknown_learner"}
    # Forty alike are told in twenty lines and one that sums them up.
    assert len(checked.report.problems) == 21


def test_a_student_number_that_belongs_to_somebody_else_is_an_error(sample_register: Register) -> None:
    files = samples.roster()
    files["users.csv"] = files["users.csv"].replace(b'"2023002"', b'"2023001"')
    checked = sample_register.service.check_import(SCHOOL, files, actor="clerk", now=NOW)
    assert [problem["code"] for problem in checked.report.problems if not problem["notice"]] == [
        "number_taken"
    ]


def test_rows_that_are_shifted_against_their_identifiers_are_errors(sample_register: Register) -> None:
    files = {"romaji.csv": samples.side_files()["romaji.csv"].replace(b'"2023002"', b'"2023003"')}
    checked = sample_register.service.check_import(SCHOOL, files, actor="clerk", now=NOW)
    assert [problem["code"] for problem in checked.report.problems] == ["number_differs"]


def test_every_confirmed_change_is_in_the_audit_trail_without_personal_data(register: Register) -> None:
    register.load(spreadsheet())
    with register.database.reading() as connection:
        rows = connection.execute(select(AUDIT.row)).mappings().all()
    assert sorted(row["action"] for row in rows) == [
        "register.import.confirmed", "register.learner.added", "register.learner.added",
    ]  # fmt: skip
    assert all("青葉" not in str(dict(row)) for row in rows)
    assert {row["at"].tzinfo for row in rows} == {UTC}


def test_a_learner_under_concealment_is_counted_and_never_named(register: Register) -> None:
    register.load(spreadsheet())
    hidden = register.everyone()["A2"]
    register.service.set_concealed(SCHOOL, hidden.id, concealed=True, actor="clerk", now=NOW)
    changed = spreadsheet(LIST.replace("赤星 蓮", "赤星 廉"))
    report = register.service.check_import(SCHOOL, changed, actor="clerk", now=NOW).report
    assert (report.changed, list(report.changes)) == (1, [])
    shorter = spreadsheet("\r\n".join(LIST.split("\r\n")[:2]))
    report = register.service.check_import(SCHOOL, shorter, actor="clerk", now=NOW).report
    assert (report.missing, list(report.missing_learners)) == (1, [])
    wrong = spreadsheet(LIST.replace("平成19年10月6日", "平成99年"))
    report = register.service.check_import(SCHOOL, wrong, actor="clerk", now=NOW).report
    assert [problem["value"] for problem in report.problems] == [""]
    with pytest.raises(NotFound):
        register.service.set_concealed(OTHER, hidden.id, concealed=False, actor="clerk", now=NOW)
