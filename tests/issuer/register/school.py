"""The sample school as these tests see it, without the tables of organisations."""

from datetime import UTC, date, datetime

from issuer.organisations.school import Head, School

ISSUED = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)

SCHOOL = School(
    id="5" * 32,
    tenant_id="7" * 32,
    public_id="miraidai",
    issuer="https://issuer.example/s/miraidai",
    code="D100299999903",
    kind="D1",
    name="例示県立みらい台高等学校",
    establisher="例示県",
    corporate_number="7000020009997",
    name_latin="Reiji Prefectural Miraidai High School",
    address="例示県例示市みらい台一丁目1番1号",
    is_test=True,
    head=Head("校長", "東雲 一樹", "Principal", "SHINONOME Kazuki"),
)
