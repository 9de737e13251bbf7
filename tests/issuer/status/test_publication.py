"""Published lists: signed, cached as plain files are, new at once after a change, and of one school only."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from issuer.app import find_school_in
from issuer.issuance.store import StoredDocument
from issuer.organisations.school import School
from issuer.status import store
from issuer.status.publication import CWT, LIFETIME, RENDERINGS, TOKEN, StatusPublisher
from issuer.status.routes import routes
from issuer.status.service import Change, Reason, StatusService
from tegata.codec import json
from tegata.errors import NotFound
from tegata.formats import data_integrity
from tegata.identity.certificates import KeyUse
from tegata.keys.signer import PublicKey
from tegata.status import bitstring_status_list, status_list_cwt, token_status_list
from tegata.status.entries import Status
from tests.issuer.http import Client, app_of
from tests.issuer.neighbours import sister_school
from tests.simulators.school import NOW, ORIGIN, ReadySchool, build, settings_for

TTL = timedelta(hours=1)
BITSTRINGS = (bitstring_status_list.REVOCATION, bitstring_status_list.SUSPENSION)
SUSPEND = Change(Status.SUSPENDED, Reason.INVESTIGATION)
LIFT = Change(Status.VALID, Reason.RESOLVED)


def _list_of(ready: ReadySchool) -> str:
    with ready.workshop.database.reading() as connection:
        return store.lists_of(connection, ready.school.id)[0]


def _status_key(ready: ReadySchool) -> PublicKey:
    signer, _ = ready.workshop.keys.signer(ready.school.id, KeyUse.STATUS, NOW)
    return signer.public_key


@pytest.mark.clause("Token Status List §5.1")
def test_the_token_is_signed_with_the_schools_key_for_lists_and_names_its_own_address(
    ready: ReadySchool, publisher: StatusPublisher
) -> None:
    list_id = _list_of(ready)
    found = publisher.published(ready.school, list_id, TOKEN, NOW)
    uri = f"{ready.school.issuer}/status/{list_id}"
    parsed = token_status_list.parse(found.body)
    verified = token_status_list.verify(parsed, _status_key(ready), now=NOW, expected_uri=uri)
    assert found.media_type == "application/statuslist+jwt"
    assert (verified.issued_at, verified.expires_at, verified.ttl) == (NOW, NOW + LIFETIME, TTL)


@pytest.mark.clause("Token Status List §8.1")
def test_whoever_accepts_a_cwt_gets_the_same_list_as_one(
    ready: ReadySchool, publisher: StatusPublisher
) -> None:
    list_id = _list_of(ready)
    found = publisher.published(ready.school, list_id, CWT, NOW)
    uri = f"{ready.school.issuer}/status/{list_id}"
    parsed = status_list_cwt.parse(found.body)
    verified = status_list_cwt.verify(parsed, _status_key(ready), now=NOW, expected_uri=uri)
    jwt = token_status_list.parse(publisher.published(ready.school, list_id, TOKEN, NOW).body)
    same = token_status_list.verify(jwt, _status_key(ready), now=NOW, expected_uri=uri)
    assert found.media_type == "application/statuslist+cwt"
    assert verified == same


@pytest.mark.clause("Bitstring Status List 1.0 §2.2")
@pytest.mark.parametrize("purpose", BITSTRINGS)
def test_a_bitstring_list_is_a_credential_of_the_school_for_one_purpose(
    ready: ReadySchool, publisher: StatusPublisher, purpose: str
) -> None:
    list_id = _list_of(ready)
    found = publisher.published(ready.school, list_id, purpose, NOW)
    parsed = data_integrity.parse(found.body, ready.workshop.contexts)
    verified = data_integrity.verify(parsed, _status_key(ready), now=NOW)
    body = json.loads(found.body)
    assert found.media_type == "application/vc"
    assert verified.issuer == ready.school.did
    assert body["id"] == f"{ready.school.issuer}/status/{list_id}/{purpose}"
    assert body["credentialSubject"]["statusPurpose"] == purpose


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_a_rendering_is_kept_until_half_its_time_has_gone(
    ready: ReadySchool, publisher: StatusPublisher, rendering: str
) -> None:
    list_id = _list_of(ready)
    begin = NOW + timedelta(days=10)
    first = publisher.published(ready.school, list_id, rendering, begin)
    just_before = publisher.published(
        ready.school, list_id, rendering, begin + TTL / 2 - timedelta(seconds=1)
    )
    then = publisher.published(ready.school, list_id, rendering, begin + TTL / 2)
    assert just_before == first
    assert then.etag != first.etag
    assert first.max_age == TTL.total_seconds() / 2


def test_a_change_is_published_at_once_and_a_rendering_of_before_is_never_served_again(
    ready: ReadySchool, publisher: StatusPublisher, service: StatusService, document: StoredDocument
) -> None:
    list_id, begin = _list_of(ready), NOW + timedelta(days=20)
    first = publisher.published(ready.school, list_id, TOKEN, begin)
    service.change(ready.school.tenant_id, document.id, SUSPEND, "clerk", begin)
    second = publisher.published(ready.school, list_id, TOKEN, begin)
    service.change(ready.school.tenant_id, document.id, LIFT, "clerk", begin + timedelta(seconds=1))
    third = publisher.published(ready.school, list_id, TOKEN, begin + timedelta(seconds=1))
    assert len({first.etag, second.etag, third.etag}) == 3


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_a_list_that_many_ask_for_at_once_is_published_to_all_of_them(
    ready: ReadySchool, publisher: StatusPublisher, rendering: str
) -> None:
    """Each of several processes makes the rendering that is missing; none of them fails for it."""
    list_id = _list_of(ready)
    begin = NOW + timedelta(days=30)

    def ask(step: int) -> bytes:
        return publisher.published(ready.school, list_id, rendering, begin + TTL * (step % 2)).body

    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(ask, range(16)))
    assert all(bodies)


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_another_schools_list_is_not_found(
    ready: ReadySchool, publisher: StatusPublisher, rendering: str, sister: School
) -> None:
    with pytest.raises(NotFound):
        publisher.published(sister, _list_of(ready), rendering, NOW)


@pytest.fixture(scope="module")
def sister(ready: ReadySchool) -> School:
    """Another school of the same legal person."""
    return sister_school(ready, NOW)


@pytest.mark.parametrize(
    ("list_id", "rendering"),
    [
        ("0" * 32, TOKEN),
        ("", TOKEN),
        ("\x00", TOKEN),
        ("x" * 5_000, TOKEN),
        ("０" * 32, TOKEN),
        (None, "message"),
    ],
)
def test_what_is_no_list_is_not_found(
    ready: ReadySchool, publisher: StatusPublisher, list_id: str | None, rendering: str
) -> None:
    with pytest.raises(NotFound):
        publisher.published(ready.school, _list_of(ready) if list_id is None else list_id, rendering, NOW)


# --- over HTTP ---


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, ReadySchool]]:
    """The public addresses of a school that has issued today."""
    folder: Path = tmp_path_factory.mktemp("served")
    made = build(settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder), datetime.now(UTC))
    made.sealed_batch(datetime.now(UTC), 1, names=("graduation",))
    database, settings = made.workshop.database, made.settings
    router = routes(
        StatusPublisher(made.workshop), database, find_school_in(made.workshop), settings.school_path
    )
    yield Client(app_of(router), ORIGIN), made
    database.dispose()


@pytest.mark.clause("Token Status List §8.1")
@pytest.mark.parametrize(
    ("tail", "media_type"),
    [
        ("", "application/statuslist+jwt"),
        ("/revocation", "application/vc"),
        ("/suspension", "application/vc"),
    ],
)
def test_a_list_is_served_to_anybody_and_not_sent_twice(
    served: tuple[Client, ReadySchool], tail: str, media_type: str
) -> None:
    client, ready = served
    path = f"/s/{ready.school.public_id}/status/{_list_of(ready)}{tail}"
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["cache-control"] == "public, max-age=1800"
    assert answer.headers["access-control-allow-origin"] == "*"
    again = client.get(path, {"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    assert client.get(path, {"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("tail", ["/token", "/message", "/x%00"])
def test_an_unknown_rendering_is_404(served: tuple[Client, ReadySchool], tail: str) -> None:
    client, ready = served
    answer = client.get(f"/s/{ready.school.public_id}/status/{_list_of(ready)}{tail}")
    assert (answer.status_code, answer.json()["kind"]) == (404, "not_found")


@pytest.mark.parametrize("public_id", ["nobody", "%00", "a" * 3_000])
def test_a_list_below_an_unknown_school_is_404(served: tuple[Client, ReadySchool], public_id: str) -> None:
    client, ready = served
    assert client.get(f"/s/{public_id}/status/{_list_of(ready)}").status_code == 404


@pytest.mark.clause("Token Status List §8.1")
def test_the_address_of_a_list_answers_in_the_form_that_is_accepted(
    ready: ReadySchool, publisher: StatusPublisher
) -> None:
    router = routes(publisher, ready.workshop.database, find_school_in(ready.workshop), "/s")
    client = Client(app_of(router), ORIGIN)
    path = f"/s/{ready.school.public_id}/status/{_list_of(ready)}"
    forms = {
        "application/statuslist+cwt": "application/statuslist+cwt",
        "application/statuslist+jwt": "application/statuslist+jwt",
        "*/*": "application/statuslist+jwt",
    }
    for accepted, given in forms.items():
        answer = client.get(path, {"Accept": accepted})
        assert (answer.status_code, answer.headers["content-type"]) == (200, given)
        assert answer.headers["vary"] == "Accept"
    assert client.get(f"{path}/cwt").status_code == 404
