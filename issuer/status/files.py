"""Status lists as plain files, for a web server or a content network that stands in front of the issuer.

Below a folder, the path of each file is that of the list's address with the form's ending, since `…/<list>` is a list and
the start of two others' addresses: `.jwt` and `.cwt` (Token Status List), `.json` (Bitstring). A file is replaced whole
or not at all. Beside them stands `status-lists.json`: which address is which file, with the headers of the served route.

For one process at a time, run each minute: `issuer.issuance.workshop.cache_lifetime` leaves two for that.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from issuer.issuance.workshop import Workshop
from issuer.organisations import service as organisations
from issuer.status import store
from issuer.status.publication import CWT, RENDERINGS, TOKEN, Published, StatusPublisher
from tegata.codec import json
from tegata.codec.dates import format_instant, today
from tegata.service import failpoints

MANIFEST = "status-lists.json"
BEFORE_REPLACE = failpoints.define("status.before_replace")
_ENDINGS = {TOKEN: ".jwt", CWT: ".cwt"}
_BITSTRING_ENDING = ".json"
_PART = ".part"
#: Nobody writes one file for that long: what is older was left behind by a process that was killed.
_LEFT_BEHIND = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Written:
    """How many lists there are as files, and how many of the files are new."""

    lists: int
    changed: int


def write_lists(workshop: Workshop, folder: Path, now: datetime) -> Written:
    """Write every list of every school in every form; what has not changed is not touched.

    Raises `OSError` where the folder cannot be written.
    """
    _clear(folder, now)
    publisher = StatusPublisher(workshop)
    with workshop.database.reading() as connection:
        found = store.every_list(connection)
    rows: list[dict[str, object]] = []
    changed = 0
    for school_id, list_id in found:
        with workshop.database.reading() as connection:
            school = organisations.school(connection, school_id, today(now), workshop.settings)
        for rendering in RENDERINGS:
            published = publisher.published(school, list_id, rendering, now)
            url = f"{school.issuer}/status/{list_id}"
            if rendering not in _ENDINGS:
                url += f"/{rendering}"
            name = urlsplit(url).path.lstrip("/") + _ENDINGS.get(rendering, _BITSTRING_ENDING)
            changed += _put(folder / name, published.body)
            rows.append(_row(url, name, published))
    _put(folder / MANIFEST, json.dumps({"written_at": format_instant(now), "files": rows}))
    return Written(len(found), changed)


def _row(url: str, name: str, published: Published) -> dict[str, object]:
    headers = {"Content-Type": published.media_type, **published.headers}
    return {"url": url, "file": name, "bytes": len(published.body), "headers": headers}


def _put(path: Path, body: bytes) -> bool:
    """Write a file so that whoever reads it finds the old one or the new one; False if it is the same."""
    if path.is_file() and path.read_bytes() == body:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PART}")
    try:
        with draft.open("xb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        failpoints.passing(BEFORE_REPLACE)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return True


def _clear(folder: Path, now: datetime) -> None:
    for draft in _drafts(folder):
        if draft.stat().st_mtime < (now - _LEFT_BEHIND).timestamp():
            draft.unlink(missing_ok=True)


def _drafts(folder: Path) -> Iterator[Path]:
    return folder.rglob(f".*{_PART}")
