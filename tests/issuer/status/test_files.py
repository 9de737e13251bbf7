"""Lists as files: the bytes and headers of the served route, replaced whole, and touched only when they changed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from issuer.app import find_school_in
from issuer.issuance.store import StoredDocument
from issuer.status.files import MANIFEST, write_lists
from issuer.status.publication import CWT, RENDERINGS, TOKEN, StatusPublisher
from issuer.status.routes import routes
from issuer.status.service import Change, Reason, StatusService
from tegata.codec import json
from tegata.codec.dates import instant
from tegata.identity.certificates import KeyUse
from tegata.status import status_list_cwt, token_status_list
from tegata.status.entries import Status
from tests.issuer.http import Client, app_of
from tests.simulators.school import NOW, ORIGIN, ReadySchool

LATER = NOW + timedelta(days=50)


def _manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    return found


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _rendering(row: dict[str, Any]) -> str:
    ending = row["file"].rpartition(".")[2]
    return {"jwt": TOKEN, "cwt": CWT}.get(ending, row["url"].rpartition("/")[2])


@pytest.mark.clause("Token Status List §8.1")
def test_every_form_of_every_list_is_a_file_with_the_bytes_and_headers_that_are_served(
    ready: ReadySchool, publisher: StatusPublisher, tmp_path: Path
) -> None:
    written = write_lists(ready.workshop, tmp_path, LATER)
    manifest = _manifest(tmp_path)
    rows = [row for row in manifest["files"] if row["url"].startswith(ready.school.issuer + "/")]
    assert instant(manifest["written_at"]) == LATER
    assert written.changed == len(manifest["files"]) == written.lists * len(RENDERINGS)
    assert {_rendering(row) for row in rows} == set(RENDERINGS)
    for row in rows:
        list_id = urlsplit(row["url"]).path.split("/status/")[1].partition("/")[0]
        served = publisher.published(ready.school, list_id, _rendering(row), LATER)
        assert (tmp_path / row["file"]).read_bytes() == served.body
        assert row["headers"] == {"Content-Type": served.media_type, **served.headers}
        assert row["bytes"] == len(served.body)
        assert row["file"].partition(".")[0] == urlsplit(row["url"]).path.lstrip("/")
    assert set(_files(tmp_path)) == {row["file"] for row in manifest["files"]} | {MANIFEST}


def test_what_has_not_changed_is_not_touched_and_what_has_is_there_at_once(
    ready: ReadySchool, service: StatusService, document: StoredDocument, tmp_path: Path
) -> None:
    first = write_lists(ready.workshop, tmp_path, LATER)
    before = _files(tmp_path)
    times = {name: (tmp_path / name).stat().st_mtime_ns for name in before if name != MANIFEST}
    assert write_lists(ready.workshop, tmp_path, LATER + timedelta(minutes=1)).changed == 0
    assert times == {name: (tmp_path / name).stat().st_mtime_ns for name in times}

    change = Change(Status.INVALID, Reason.ERROR)
    service.change(ready.school.tenant_id, document.id, change, "clerk", LATER + timedelta(minutes=2))
    second = write_lists(ready.workshop, tmp_path, LATER + timedelta(minutes=2))
    after = _files(tmp_path)
    assert (second.lists, second.changed) == (first.lists, len(RENDERINGS))
    assert sum(before[name] != after[name] for name in times) == len(RENDERINGS)


def _usable_at(body: bytes, ready: ReadySchool, at: datetime) -> None:
    """Verify a list in either form of the Token Status List; raises if it is half written."""
    signer, _ = ready.workshop.keys.signer(ready.school.id, KeyUse.STATUS, at)
    if body[:1] == b"e":
        token = token_status_list.parse(body)
        uri = str(token.claims["sub"])
        token_status_list.verify(token, signer.public_key, now=at, expected_uri=uri)
        return
    message = status_list_cwt.parse(body)
    status_list_cwt.verify(message, signer.public_key, now=at, expected_uri=message.claims[2])


def test_whoever_reads_while_files_are_replaced_finds_a_whole_list(
    ready: ReadySchool, tmp_path: Path
) -> None:
    write_lists(ready.workshop, tmp_path, LATER)
    rows = [row for row in _manifest(tmp_path)["files"] if row["url"].startswith(ready.school.issuer + "/")]
    files = [tmp_path / row["file"] for row in rows if _rendering(row) in {TOKEN, CWT}]
    stopped, read, problems = Event(), [0], list[Exception]()

    def keep_reading() -> None:
        while not stopped.is_set():
            for path in files:
                try:
                    _usable_at(path.read_bytes(), ready, LATER + timedelta(hours=4))
                except Exception as error:  # noqa: BLE001  any of them is what this test is about
                    problems.append(error)
            read[0] += 1

    reader = Thread(target=keep_reading)
    reader.start()
    for step in range(1, 9):
        # Half a lifetime later every list is signed anew.
        write_lists(ready.workshop, tmp_path, LATER + step * timedelta(minutes=30))
    stopped.set()
    reader.join()
    assert read[0]
    assert not problems


@pytest.mark.clause("Token Status List §8.1")
def test_a_file_is_what_the_route_answers_at_its_address(
    ready: ReadySchool, publisher: StatusPublisher, tmp_path: Path
) -> None:
    """So a school may move from one to the other, and caches in between do not notice."""
    write_lists(ready.workshop, tmp_path, datetime.now(UTC))
    router = routes(publisher, ready.workshop.database, find_school_in(ready.workshop), "/s")
    client = Client(app_of(router), ORIGIN)
    for row in _manifest(tmp_path)["files"]:
        path, headers = urlsplit(row["url"]).path, row["headers"]
        accept = {"Accept": headers["Content-Type"]}
        answer = client.get(path, accept)
        assert answer.content == (tmp_path / row["file"]).read_bytes()
        assert {name: answer.headers[name] for name in headers} == headers
        assert client.get(path, accept | {"If-None-Match": headers["ETag"]}).status_code == 304
