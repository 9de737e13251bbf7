"""Metadata in both places whatever the depth of the path, what a school may issue, and the files behind signed names."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from issuer.app import find_school_in
from issuer.catalogue.routes import AUTHORIZATION_SERVER, CREDENTIAL_ISSUER, document_routes, metadata_routes
from issuer.catalogue.service import NotOffered, check_offered, offered
from schemas import catalogue
from tegata.errors import NotFound
from tests.issuer.http import Client, app_of
from tests.simulators.school import ORIGIN, ReadySchool, build, settings_for

DEEP = "/jp/reiji/s"


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, ReadySchool]]:
    """A school three levels below its issuer's origin."""
    folder: Path = tmp_path_factory.mktemp("deep")
    settings = settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder, school_path=DEEP)
    ready = build(settings, datetime.now(UTC), with_register=False)
    find_school = find_school_in(ready.workshop)
    app = app_of(metadata_routes(ready.workshop, find_school), document_routes(ready.workshop))
    yield Client(app, ORIGIN), ready
    ready.workshop.database.dispose()


@pytest.mark.clause("OID4VCI 1.0 §12.2.2", "RFC 8414 §3")
@pytest.mark.parametrize(
    ("name", "member"), [(CREDENTIAL_ISSUER, "credential_issuer"), (AUTHORIZATION_SERVER, "issuer")]
)
def test_metadata_stands_inserted_and_appended_with_the_same_bytes(
    deep: tuple[Client, ReadySchool], name: str, member: str
) -> None:
    client, ready = deep
    path = f"{DEEP}/{ready.school.public_id}"
    inserted, appended = (
        client.get(item) for item in (f"/.well-known/{name}{path}", f"{path}/.well-known/{name}")
    )
    assert (inserted.status_code, inserted.headers["content-type"]) == (200, "application/json")
    assert inserted.content == appended.content
    assert inserted.json()[member] == ready.school.issuer == f"{ORIGIN}{path}"
    assert inserted.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("name", [CREDENTIAL_ISSUER, AUTHORIZATION_SERVER])
def test_an_unknown_school_has_no_metadata(deep: tuple[Client, ReadySchool], name: str) -> None:
    client, ready = deep
    for path in (f"{DEEP}/nobody", f"/s/{ready.school.public_id}", DEEP, ""):
        assert client.get(f"/.well-known/{name}{path}").status_code == 404


def test_metadata_offers_what_the_school_may_issue_and_nothing_else(deep: tuple[Client, ReadySchool]) -> None:
    client, ready = deep
    answer = client.get(f"/.well-known/{CREDENTIAL_ISSUER}{DEEP}/{ready.school.public_id}").json()
    names = {name.rpartition("-")[0] for name in answer["credential_configurations_supported"]}
    with ready.workshop.database.reading() as connection:
        found = offered(connection, ready.workshop.catalogue, ready.school, datetime.now(UTC).date())
    shown = {name.removesuffix("-sd").removesuffix("-open") for name in names}
    assert shown == {item.name for item in found}
    assert all(not item.school_kinds or ready.school.kind in item.school_kinds for item in found)


def test_what_the_law_or_a_request_sends_elsewhere_is_never_offered_to_a_wallet(
    deep: tuple[Client, ReadySchool],
) -> None:
    client, ready = deep
    held_back = [item for item in catalogue.load().documents if not item.is_for_holders]
    assert len(held_back) == 6
    answer = client.get(f"/.well-known/{CREDENTIAL_ISSUER}{DEEP}/{ready.school.public_id}").text
    with ready.workshop.database.reading() as connection:
        for item in held_back:
            assert item.vct not in answer
            assert item.w3c_type not in answer
            with pytest.raises(NotOffered):
                check_offered(
                    connection, ready.workshop.catalogue, ready.school, item.name, datetime.now(UTC).date()
                )


def test_a_document_whose_facts_nobody_records_is_not_offered(deep: tuple[Client, ReadySchool]) -> None:
    _, ready = deep
    with ready.workshop.database.reading() as connection:
        found = offered(connection, ready.workshop.catalogue, ready.school, datetime.now(UTC).date())
    names = {item.name for item in found}
    assert {
        "credits",
        "cannot-be-issued",
        "fare-discount",
        "commuter",
        "accident-aid",
        "achievement",
    } <= names
    assert "health-notice" not in names


def test_a_document_of_another_kind_of_school_or_without_permission_is_not_offered(
    deep: tuple[Client, ReadySchool],
) -> None:
    _, ready = deep
    foreign = [item for item in catalogue.load().documents if ready.school.kind not in item.school_kinds]
    day = datetime.now(UTC).date()
    with ready.workshop.database.reading() as connection:
        for item in foreign:
            with pytest.raises(NotOffered):
                check_offered(connection, ready.workshop.catalogue, ready.school, item.name, day)
        with pytest.raises(NotOffered):
            check_offered(connection, ready.workshop.catalogue, ready.school, "graduation", date(2020, 1, 1))
        with pytest.raises(NotFound):
            check_offered(connection, ready.workshop.catalogue, ready.school, "unknown", day)
    assert foreign


@pytest.mark.parametrize("name", [item.name for item in catalogue.load().documents])
def test_the_files_behind_the_signed_names_are_served_byte_for_byte_and_for_ever(
    deep: tuple[Client, ReadySchool], name: str
) -> None:
    client, _ = deep
    definition = catalogue.load().get(name)
    expected = {
        "vct": (definition.type_metadata, "application/json"),
        "contexts": (definition.context, "application/ld+json"),
        "schemas": (definition.schema_bytes, "application/schema+json"),
    }
    for kind, (body, media_type) in expected.items():
        answer = client.get(f"/{kind}/{name}/1")
        assert (answer.status_code, answer.content) == (200, body)
        assert answer.headers["content-type"] == media_type
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/vct/unknown/1", "/other/graduation/1", "/vct/graduation/2", "/vct/..%2Fx/1"]
)
def test_what_is_no_file_is_not_found(deep: tuple[Client, ReadySchool], path: str) -> None:
    assert deep[0].get(path).status_code == 404
