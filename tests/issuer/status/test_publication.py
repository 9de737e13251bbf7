"""Published lists: signed, cached as plain files are, new at once after a change, and of one school only."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from issuer.app import find_school_in
from issuer.issuance.store import StoredDocument
from issuer.organisations.school import School
from issuer.status import store
from issuer.status.publication import CWT, LIFETIME, RENDERINGS, TOKEN, StatusPublisher
from issuer.status.routes import routes
from issuer.status.service import Change, Reason, StatusService
from tegata.codec import json
from tegata.codec.dates import instant
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


#: Each form: the end of its address, what to accept, and what it comes as.
FORMS = (
    ("", "*/*", "application/statuslist+jwt"),
    ("", "application/statuslist+jwt", "application/statuslist+jwt"),
    ("", "application/statuslist+cwt", "application/statuslist+cwt"),
    ("/revocation", "application/vc", "application/vc"),
    ("/suspension", "application/vc", "application/vc"),
)


def _path(ready: ReadySchool, tail: str) -> str:
    return f"/s/{ready.school.public_id}/status/{_list_of(ready)}{tail}"


@pytest.mark.clause("Token Status List §8.1")
@pytest.mark.parametrize(("tail", "accepted", "media_type"), FORMS)
def test_a_list_is_served_to_anybody_and_not_sent_twice(
    served: tuple[Client, ReadySchool], tail: str, accepted: str, media_type: str
) -> None:
    client, ready = served
    path, accept = _path(ready, tail), {"Accept": accepted}
    answer = client.get(path, accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["cache-control"] == "public, max-age=1800"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["vary"] == "Accept"
    assert "set-cookie" not in answer.headers
    etag = answer.headers["etag"]
    for named in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(path, accept | {"If-None-Match": named})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "cache-control", "vary"):
            assert again.headers[name] == answer.headers[name]
    for named in ('"other"', etag[:-2] + '"', ""):
        assert client.get(path, accept | {"If-None-Match": named}).status_code == 200


@pytest.mark.parametrize(("tail", "accepted", "media_type"), FORMS)
def test_a_head_says_what_a_get_would_and_sends_nothing(
    served: tuple[Client, ReadySchool], tail: str, accepted: str, media_type: str
) -> None:
    client, ready = served
    path, accept = _path(ready, tail), {"Accept": accepted}
    got, head = client.get(path, accept), client.head(path, accept)
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", media_type)
    assert head.headers["content-length"] == str(len(got.content))
    for name in ("etag", "cache-control", "vary", "access-control-allow-origin"):
        assert head.headers[name] == got.headers[name]
    assert client.head(path, accept | {"If-None-Match": got.headers["etag"]}).status_code == 304
    assert client.head(path + "/nothing").status_code == 404


def test_the_tags_of_two_forms_differ_so_that_one_is_never_taken_for_the_other(
    served: tuple[Client, ReadySchool],
) -> None:
    client, ready = served
    path = _path(ready, "")
    jwt, cwt = (
        client.get(path, {"Accept": f"application/statuslist+{form}"}).headers["etag"]
        for form in ("jwt", "cwt")
    )
    assert jwt != cwt
    asked = {"Accept": "application/statuslist+cwt", "If-None-Match": jwt}
    assert client.get(path, asked).status_code == 200


def _says(body: bytes, rendering: str) -> tuple[datetime, datetime, timedelta]:
    """Return when a rendering was issued, when it ends, and how long it asks to be kept."""
    if rendering in BITSTRINGS:
        document = json.loads(body)
        ttl = timedelta(milliseconds=document["credentialSubject"]["ttl"])
        return instant(document["validFrom"]), instant(document["validUntil"]), ttl
    if rendering == TOKEN:
        claims = token_status_list.parse(body).claims
        issued, ends, ttl = claims["iat"], claims["exp"], claims["ttl"]
    else:
        stated = status_list_cwt.parse(body).claims
        issued, ends, ttl = stated[6], stated[4], stated[65534]
    return datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(ends, UTC), timedelta(seconds=ttl)


@pytest.mark.clause("Bitstring Status List 1.0 §2.2")
@pytest.mark.clause("Token Status List §13.7")
@pytest.mark.parametrize("rendering", RENDERINGS)
@pytest.mark.parametrize("ttl", [60, 3600, 86_400])
def test_the_last_copy_anywhere_is_done_with_before_the_list_ends(
    ready: ReadySchool, rendering: str, ttl: int
) -> None:
    """A cache that asked as late as it could, and a verifier that asked that cache as late as it could."""
    settings = ready.settings.model_copy(update={"status_ttl": ttl})
    publisher = StatusPublisher(replace(ready.workshop, settings=settings))
    begin = NOW + timedelta(days=40, seconds=ttl)
    first = publisher.published(ready.school, _list_of(ready), rendering, begin)
    issued, ends, kept = _says(first.body, rendering)
    assert (issued, kept) == (begin, timedelta(seconds=ttl))
    last = begin + kept / 2 - timedelta(seconds=1)
    assert publisher.published(ready.school, _list_of(ready), rendering, last) == first
    assert last + timedelta(seconds=first.max_age) + kept <= ends
    assert timedelta(seconds=first.max_age) <= kept


def test_a_cache_lifetime_that_would_outlive_the_list_is_no_setting(ready: ReadySchool) -> None:
    values = ready.settings.model_dump()
    for ttl in (59, 86_401):
        with pytest.raises(ValidationError):
            type(ready.settings)(**{**values, "status_ttl": ttl})


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
        "": "application/statuslist+jwt",
        "application/statuslist+cwt, */*": "application/statuslist+cwt",
        "application/statuslist+jwt, application/statuslist+cwt": "application/statuslist+jwt",
        "application/statuslist+cwt;q=0.9, application/statuslist+jwt;q=0.5": "application/statuslist+cwt",
        "application/statuslist+jwt , Application/StatusList+CWT; q=0.1": "application/statuslist+jwt",
        "application/statuslist+cwt;q=0": "application/statuslist+jwt",
        "application/statuslist+cwt;q=inf": "application/statuslist+jwt",
    }
    for accepted, given in forms.items():
        answer = client.get(path, {"Accept": accepted})
        assert (answer.status_code, answer.headers["content-type"]) == (200, given)
        assert answer.headers["vary"] == "Accept"
    assert client.get(f"{path}/cwt").status_code == 404
