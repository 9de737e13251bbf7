"""Lists, search and records, on both databases."""

from dataclasses import replace

import pytest

from issuer import samples
from issuer.register import store
from issuer.register.store import Filter, Page
from tests.issuer.register.conftest import Register
from tests.issuer.register.school import NOW, SCHOOL


def find(register: Register, *, offset: int = 0, limit: int = 50, **wanted: object) -> Page:
    with register.database.reading() as connection:
        narrowed = Filter(**wanted)  # type: ignore[arg-type]
        return store.search(connection, SCHOOL.tenant_id, SCHOOL.id, narrowed, offset=offset, limit=limit)


def numbers(page: Page) -> list[str]:
    return [line.student_number for line in page.learners]


def test_a_list_is_in_the_order_of_kana_and_comes_in_pages(sample_register: Register) -> None:
    first, second = find(sample_register, limit=25), find(sample_register, offset=25, limit=25)
    assert (first.total, len(first.learners), len(second.learners)) == (40, 25, 15)
    kana = [line.kana for line in (*first.learners, *second.learners)]
    assert kana == sorted(kana)
    assert kana[0] == "アオバ　ハルカ"
    line = first.learners[0]
    assert (line.name, line.grade, line.home_class, line.attendance_number, line.status) == (
        "青葉　はるか", "H3", "3年A組", 1, "graduated",
    )  # fmt: skip


def test_a_list_is_narrowed_by_class_and_status(sample_register: Register) -> None:
    assert find(sample_register, school_year=2025, grade="H3", home_class="3年A組").total == 40
    assert find(sample_register, school_year=2024).total == 0
    assert find(sample_register, grade="H2").total == 0
    assert find(sample_register, status="graduated").total == 38
    assert numbers(find(sample_register, status="withdrawn")) == ["2023037"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("青葉", "2023001"), ("アオバ", "2023001"), ("あおば はるか", "2023001"), ("ｱｵﾊﾞ", "2023001"), ("aoba", "2023001"),
        ("2023001", "2023001"), ("２０２３００１", "2023001"), ("辻本", "2023028"), ("吉川", "2023038"), ("青木", "2023031"),
        ("ティハー", "2023031"),
    ],
)  # fmt: skip
def test_people_are_found_however_a_name_is_typed(sample_register: Register, text: str, found: str) -> None:
    assert numbers(find(sample_register, text=text)) == [found]


def test_signs_with_a_meaning_in_sql_are_looked_for_as_they_are(sample_register: Register) -> None:
    assert find(sample_register, text="%").total == 0
    assert find(sample_register, text="_").total == 0
    assert find(sample_register, text="' OR 1=1 --").total == 0
    assert find(sample_register, text="\\").total == 0


def test_limits_of_a_page_hold(sample_register: Register) -> None:
    assert len(find(sample_register, limit=10_000).learners) == 40
    assert len(find(sample_register, offset=-5, limit=0).learners) == 1
    assert find(sample_register, offset=1000).learners == ()


def test_concealment_wins_over_every_list(sample_register: Register) -> None:
    hidden = sample_register.everyone()["2023002"]
    sample_register.service.set_concealed(SCHOOL, hidden.id, concealed=True, actor="clerk", now=NOW)
    assert find(sample_register, text="赤星").total == 0
    assert find(sample_register).total == 39
    allowed = find(sample_register, text="赤星", include_concealed=True)
    assert [line.is_concealed for line in allowed.learners] == [True]
    with sample_register.database.reading() as connection:
        at = (connection, SCHOOL.tenant_id, SCHOOL.id)
        assert hidden.id not in store.matching_ids(*at, Filter())
        assert len(list(store.each_record(*at, None))) == 39
        # Asked for by id, the record comes and says so itself.
        assert [record.is_concealed for record in store.records(*at, [hidden.id])] == [True]


def test_records_come_in_the_order_asked_for_and_once(sample_register: Register) -> None:
    everyone = sample_register.everyone()
    ids = [everyone[number].id for number in ("2023009", "2023001", "2023009")]
    with sample_register.database.reading() as connection:
        found = store.records(connection, SCHOOL.tenant_id, SCHOOL.id, [*ids, "0" * 32])
    assert [record.student_number for record in found] == ["2023009", "2023001"]


def test_another_tenant_and_another_school_see_nobody(sample_register: Register) -> None:
    ids = [record.id for record in sample_register.everyone().values()]
    with sample_register.database.reading() as connection:
        for tenant_id, school_id in (("0" * 32, SCHOOL.id), (SCHOOL.tenant_id, "0" * 32)):
            assert store.records(connection, tenant_id, school_id, ids) == []
            assert store.versions(connection, tenant_id, school_id, ids) == {}
            assert store.search(connection, tenant_id, school_id, Filter(include_concealed=True)).total == 0
            assert list(store.identifiers(connection, tenant_id, school_id)) == []
            assert store.enrolled_ids(connection, tenant_id, school_id) == set()
            assert store.register_version(connection, tenant_id, school_id) == 0


def test_two_schools_may_use_the_same_identifiers(sample_register: Register) -> None:
    twin = replace(SCHOOL, id="9" * 32)
    checked = sample_register.service.check_import(twin, samples.register(), actor="clerk", now=NOW)
    assert (checked.report.new, checked.report.missing) == (40, 0)
    sample_register.service.confirm_import(twin, checked.job_id, actor="clerk", now=NOW)
    assert len(sample_register.everyone()) == 40
    assert sample_register.rows("learner") == 80


def test_versions_are_those_of_the_records(sample_register: Register) -> None:
    record = sample_register.everyone()["2023001"]
    with sample_register.database.reading() as connection:
        found = store.versions(connection, SCHOOL.tenant_id, SCHOOL.id, [record.id])
    assert found == {record.id: 1}
    sample_register.load({"romaji.csv": samples.side_files()["romaji.csv"].replace(b'"AOBA"', b'"AOBAH"')})
    with sample_register.database.reading() as connection:
        found = store.versions(connection, SCHOOL.tenant_id, SCHOOL.id, [record.id])
    assert found == {record.id: 2}
    assert numbers(find(sample_register, text="aobah")) == ["2023001"]
