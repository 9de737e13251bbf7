"""A university from its files to its graduates' wallets: imported, prepared, approved, sealed, claimed, in both languages."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from issuer import samples
from issuer.base import AUDIT
from issuer.issuance.batches import candidates, preview
from issuer.issuance.entitlements import invite_batch
from issuer.register import practice
from issuer.register import store as register_store
from issuer.register.errors import PracticeRefused
from issuer.register.grading import shared
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.service import WalletService
from schemas import catalogue
from schemas import samples as examples
from schemas.validation import validate
from tegata.formats import sd_jwt_vc
from tegata.formats.sd_jwt_vc.holder import disclosed_claims
from tegata.identity.certificates import KeyUse
from tests.simulators import claiming
from tests.simulators.school import ISSUE_DATE, NOW, ReadySchool, build, settings_for

POINTS = {"S": 4, "A": 3, "B": 2, "C": 1, "D": 0}


@pytest.fixture(scope="module")
def university(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadySchool]:
    folder = tmp_path_factory.mktemp("university")
    ready = build(
        settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder),
        profile=samples.university(),
        imports=samples.university_files(),
    )
    yield ready
    ready.workshop.database.dispose()


def rows_of(student: str) -> list[dict[str, str]]:
    """Return a student's rows of the file, read on their own."""
    (content,) = samples.university_files()[1].values()
    return [row for row in csv.DictReader(io.StringIO(content.decode("utf-8"))) if row["学籍番号"] == student]


def gpa_of(student: str) -> str:
    graded = [(POINTS[row["評価"]], int(row["単位数"])) for row in rows_of(student) if row["評価"] in POINTS]
    mean = Decimal(sum(p * c for p, c in graded)) / sum(c for _, c in graded)
    return str(mean.quantize(Decimal("0.01"), ROUND_HALF_UP))


@pytest.fixture(scope="module")
def wallets(university: ReadySchool) -> dict[tuple[str, str], dict[str, Any]]:
    """What lies in the wallets of the five graduates: verified claims by student and document."""
    workshop, school = university.workshop, university.school
    batch = university.sealed_batch(NOW, 5, names=("graduation", "transcript-he"))
    service = WalletService(workshop.database, AUDIT, workshop.secret, CopyMaker(workshop))
    now = NOW + timedelta(minutes=5)
    signer, _ = workshop.keys.signer(school.id, KeyUse.COPY, now)
    found = {}
    for link in invite_batch(workshop, school.tenant_id, batch, "clerk", now):
        item, _ = preview(workshop, school.tenant_id, link.document_id, now)
        answer = claiming.claim(
            service,
            school,
            link.page.rpartition("/")[2],
            now,
            configuration_id=f"{item.document_name}-sd-jwt",
        )
        credential = answer["credentials"][0]["credential"].encode()
        sd_jwt_vc.verify(sd_jwt_vc.parse(credential), signer.public_key, now=now)
        claims = disclosed_claims(credential)
        found[claims["student_number"], item.document_name] = claims
    return found


def test_a_transcript_has_both_titles_credits_and_the_mean_of_its_points(
    wallets: dict[tuple[str, str], dict[str, Any]],
) -> None:
    assert {student for student, _ in wallets} == {f"T22X000{n}" for n in range(1, 6)}
    claims = wallets["T22X0001", "transcript-he"]
    assert claims["gpa"] == gpa_of("T22X0001")
    assert claims["gpa_max"] == "4"
    assert claims["credits_earned_total"] == claims["credits_required_for_graduation"] == 124
    assert (claims["faculty_en"], claims["department_en"]) == (
        "Faculty of Informatics",
        "Department of Information Science",
    )
    assert claims["degree_en"] == "Bachelor of Informatics"
    assert (claims["family_name_latin"], claims["given_name_latin"]) == ("MIHON", "TARO")
    assert claims["school"]["name_latin"] == "Reiji Mirai University"
    stated = {
        (row["科目コード"], row["科目名"], row["英文科目名"], int(row["単位数"]), row["評価"])
        for row in rows_of("T22X0001")
    }
    listed = {
        (item["course_code"], item["course"], item["course_en"], item["credits"], item["rating"])
        for item in claims["courses"]
    }
    assert listed == stated


def test_a_failed_course_counts_in_the_mean_and_is_not_listed(
    wallets: dict[tuple[str, str], dict[str, Any]],
) -> None:
    claims = wallets["T22X0004", "transcript-he"]
    assert claims["gpa"] == gpa_of("T22X0004")
    algebra = [item for item in claims["courses"] if item["course_en"] == "Linear Algebra"]
    assert [(item["school_year"], item["rating"]) for item in algebra] == [(2023, "B")]
    assert claims["credits_earned_total"] == 124
    assert claims["given_name"] == "𠮷彦"


def test_a_degree_is_certified_in_both_languages(wallets: dict[tuple[str, str], dict[str, Any]]) -> None:
    claims = wallets["T22X0002", "graduation"]
    assert (claims["degree"], claims["degree_en"]) == ("学士（情報学）", "Bachelor of Informatics")
    assert (claims["faculty"], claims["faculty_en"]) == ("情報学部", "Faculty of Informatics")
    assert (claims["graduation_date"], claims["diploma_number"]) == ("2026-03-20", "学第22-TEST-0002号")
    assert (claims["family_name_latin"], claims["given_name_latin"]) == ("REIJI", "HANA")


def obstacles_of(university: ReadySchool, student: str, document: str) -> list[str]:
    looked = candidates(
        university.workshop, university.desk, [document], university.learner_ids(), ISSUE_DATE, NOW
    )
    (found,) = [item for item in looked if item.record.student_number == student]
    return [obstacle.code for obstacle in found.obstacles]


def test_who_has_not_graduated_yet_gets_a_transcript_and_an_expected_graduation(
    university: ReadySchool,
) -> None:
    assert obstacles_of(university, "T22X0006", "graduation") == ["decision_missing"]
    assert obstacles_of(university, "T22X0006", "transcript-he") == []
    assert obstacles_of(university, "T22X0006", "expected-graduation") == []


def small_university(folder: Path, *more: dict[str, bytes], **changes: object) -> ReadySchool:
    profile = samples.university()
    profile["school"]["practice"] = {"grading": ["s-a-b-c-d"], "creditsRequired": 124} | changes
    students, _ = samples.university_files()
    settings = settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder)
    return build(settings, profile=profile, imports=[students, *more])


def results(*rows: str) -> dict[str, bytes]:
    header = "学籍番号,年度,科目コード,科目名,単位数,評価,評価方式"
    return {"results.csv": "\r\n".join((header, *rows, "")).encode("cp932")}


def test_results_of_two_grading_schemes_stand_in_the_way_until_they_are_of_one(tmp_path: Path) -> None:
    mixed = results("T22X0001,2024,C1,論理学,2,A,", "T22X0001,2024,C2,集合論,2,秀,秀優良可不可")
    ready = small_university(tmp_path, mixed)
    assert obstacles_of(ready, "T22X0001", "transcript-he") == ["grading_mixed"]
    put_right = results("T22X0001,2024,C2,集合論,2,S,S・A・B・C・D")
    checked = ready.register.check_import(ready.school, put_right, actor="clerk", now=NOW)
    (change,) = checked.report.changes
    (fact,) = change["facts"]
    assert (fact["before"], fact["after"]) == (
        {"rating": "秀", "scheme": "shu-yu-ryo-ka-fuka"},
        {"rating": "S", "scheme": "s-a-b-c-d"},
    )
    ready.register.confirm_import(ready.school, checked.job_id, actor="clerk", now=NOW)
    assert obstacles_of(ready, "T22X0001", "transcript-he") == []
    ready.workshop.database.dispose()


def test_a_pass_or_a_recognised_course_goes_with_any_scheme_that_knows_its_word(tmp_path: Path) -> None:
    rows = results(
        "T22X0001,2024,C1,論理学,2,秀,秀優良可不可",
        "T22X0001,2024,C2,集合論,2,合格,秀優良可不可",
        "T22X0001,2024,C3,海外研修,2,N,認定",
    )
    ready = small_university(tmp_path, rows)
    assert obstacles_of(ready, "T22X0001", "transcript-he") == ["grade_unknown"]
    put_right = results("T22X0001,2024,C3,海外研修,2,認定,秀優良可不可")
    checked = ready.register.check_import(ready.school, put_right, actor="clerk", now=NOW)
    ready.register.confirm_import(ready.school, checked.job_id, actor="clerk", now=NOW)
    assert obstacles_of(ready, "T22X0001", "transcript-he") == []
    ready.workshop.database.dispose()


def test_a_universitys_own_scheme_is_configuration(tmp_path: Path) -> None:
    own = {
        "name": "our-own",
        "label": {"ja": "本学の評価", "en": "Our own grades"},
        "points": "of_level",
        "scheme": {
            "levels": [
                {"code": "AA", "min": 90, "max": 100, "points": "4.3", "pass": True},
                {"code": "A", "min": 60, "max": 89, "points": "3.0", "pass": True},
                {"code": "X", "min": 0, "max": 59, "points": "0", "pass": False},
            ],
            "failed_courses_shown": True,
        },
    }
    rows = results("T22X0001,2024,C1,論理学,2,AA,", "T22X0001,2024,C2,集合論,2,X,本学の評価")
    ready = small_university(tmp_path, rows, grading=[own])
    with ready.workshop.database.reading() as connection:
        records = list(register_store.each_record(connection, ready.school.tenant_id, ready.school.id, None))
        chosen = practice.load(connection, ready.school.id)
    (record,) = [item for item in records if item.student_number == "T22X0001"]
    (scheme,) = chosen.grading.used_in(record.results)
    assert (scheme.gpa(record.results), scheme.gpa_max()) == ("2.15", "4.3")
    batch = ready.submitted_batch(("transcript-he",), people=1)
    assert batch
    ready.workshop.database.dispose()


def test_an_import_is_confirmed_under_the_grading_that_it_was_checked_under(tmp_path: Path) -> None:
    ready = small_university(tmp_path)
    rows = results("T22X0001,2024,C1,論理学,2,A,")
    checked = ready.register.check_import(ready.school, rows, actor="clerk", now=NOW)
    with ready.workshop.database.writing() as connection:
        practice.save(connection, ready.school.tenant_id, ready.school.id, {"grading": []})
    done = ready.register.confirm_import(ready.school, checked.job_id, actor="clerk", now=NOW)
    assert (done.changed, done.left_out) == (1, 0)
    assert obstacles_of(ready, "T22X0002", "transcript-he") == ["results_missing"]
    ready.workshop.database.dispose()


def test_a_title_without_english_is_an_error_row_where_the_school_issues_in_english(tmp_path: Path) -> None:
    ready = small_university(tmp_path, english=["transcript-he"])
    rows = results("T22X0001,2024,C1,論理学,2,A,", "T22X0001,2024,C2,集合論,2,S,")
    report = ready.register.check_import(ready.school, rows, actor="clerk", now=NOW).report
    assert [(item["row"], item["column"], item["value"]) for item in report.problems] == [
        (2, "科目（英語）", "論理学"),
        (3, "科目（英語）", "集合論"),
    ]
    assert "英語の列" in report.problems[0]["fix"]["ja"]
    assert (report.errors, report.changed) == (2, 0)
    ready.workshop.database.dispose()


def test_a_file_that_is_silent_about_english_is_fine_once_the_register_knows_it(tmp_path: Path) -> None:
    _, whole = samples.university_files()
    ready = small_university(tmp_path, whole, english=["transcript-he"])
    change = results("T22X0001,2022,TEST101,英語Ⅰ,2,S,")
    text = change["results.csv"].decode("cp932").replace("年度,", "年度,学期,").replace("2022,", "2022,前期,")
    checked = ready.register.check_import(
        ready.school, {"results.csv": text.encode()}, actor="clerk", now=NOW
    )
    assert (checked.report.errors, checked.report.changed) == (0, 1)
    ready.workshop.database.dispose()


def test_a_document_in_english_says_what_it_lacks_and_what_to_do(tmp_path: Path) -> None:
    rows = results(*(f"T22X0001,2024,C{n},科目{n},2,A," for n in range(1, 6)))
    ready = small_university(tmp_path, rows)
    practice_in_english = {"grading": ["s-a-b-c-d"], "english": ["transcript-he", "graduation"]}
    with ready.workshop.database.writing() as connection:
        practice.save(connection, ready.school.tenant_id, ready.school.id, practice_in_english)
    looked = candidates(ready.workshop, ready.desk, ["transcript-he"], ready.learner_ids(), ISSUE_DATE, NOW)
    (found,) = looked[0].obstacles
    assert found.code == "english_missing"
    assert "科目「科目1」、科目「科目2」、科目「科目3」、ほか2件" in found.text.ja
    assert "course “科目1”" in found.text.en
    assert "取り込みます" in found.text.ja
    assert obstacles_of(ready, "T22X0001", "graduation") == []
    no_titles = "学籍番号,学位（英語）,判定年月日,卒業の判定,卒業年月日,氏（ローマ字）\r\n"
    row = "T22X0001,,2026-03-05,卒業認定,2026-03-20,\r\n"
    with ready.workshop.database.writing() as connection:
        practice.save(connection, ready.school.tenant_id, ready.school.id, {})
    emptied = {"list.csv": (no_titles + row).encode()}
    checked = ready.register.check_import(ready.school, emptied, actor="clerk", now=NOW)
    ready.register.confirm_import(ready.school, checked.job_id, actor="clerk", now=NOW)
    with ready.workshop.database.writing() as connection:
        practice.save(connection, ready.school.tenant_id, ready.school.id, practice_in_english)
    looked = candidates(ready.workshop, ready.desk, ["graduation"], ready.learner_ids(), ISSUE_DATE, NOW)
    (found,) = looked[0].obstacles
    assert "氏のローマ字、学位「学士（情報学）」" in found.text.ja
    ready.workshop.database.dispose()


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"grading": "s-a-b-c-d"},
        {"grading": ["nobody-knows"]},
        {"grading": ["s-a-b-c-d", "s-a-b-c-d"]},
        {"grading": [{"name": "x", "scheme": {"levels": []}}]},
        {"grading": [{"name": "x", "points": "none", "scheme": {"levels": [{"code": "A"}]}}]},
        {"grading": [{"name": "x", "scheme": {"levels": [{"code": "A", "pass": True}]}}]},
        {
            "grading": [
                {"name": "x", "points": "of_course", "scheme": {"levels": [{"code": "A", "pass": True}]}}
            ]
        },
        {"creditsRequired": 0},
        {"english": ["unheard-of"]},
        {"creditsRequired": True},
        {"colour": "blue"},
    ],
)
def test_a_practice_that_is_not_understood_is_refused(content: object) -> None:
    with pytest.raises(PracticeRefused):
        practice.parse(content)


def test_every_shared_scheme_fits_the_certificate() -> None:
    document = catalogue.load().get("transcript-he")
    for scheme in shared():
        claims = dict(examples.load(document)) | {"grading_scheme": scheme.claim, "gpa_max": "4.0"}
        claims["courses"] = [dict(claims["courses"][0]) | {"rating": scheme.codes()[0]}]
        claims["credits_earned_total"] = claims["courses"][0]["credits"]
        assert validate(document, claims) == (), scheme.name
