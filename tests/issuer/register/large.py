"""A roster of many invented learners with a year of results, written as OneRoster tables; run as a program, it imports it.

`python -m tests.issuer.register.large <database url> <learners>` prints peak memory in MB and seconds of
the check and of the confirmation; the upload, made by `delivery`, comes on standard input, so that making it costs
the measured process nothing.
"""

import csv
import io
import re
import sys
import time
import uuid
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from issuer import samples
from issuer.base import AUDIT, Base
from issuer.register.service import VAULT_PURPOSE, RegisterService
from tegata.service.database import Database
from tegata.service.vault import Vault
from tests.issuer.register.school import SCHOOL

SCHOOL_ID, YEAR_ID = "be79c6bd-b0c1-4882-9b7c-72f583b45a6d", "c6c83a39-81c5-4aa4-ba36-f2e688f7de47"


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Write a table as school systems do: quoted, CRLF."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def delivery(learners: int, courses: int) -> bytes:
    """Return a ZIP with everything about so many learners, each with the results of so many courses."""
    random = Random(20260401)  # noqa: S311  invented data
    ids = [str(uuid.UUID(int=random.getrandbits(128), version=4)) for _ in range(learners)]
    classes = [str(uuid.UUID(int=random.getrandbits(128), version=4)) for _ in range(learners // 40 + 1)]
    files = {
        "users.csv": table(
            ("sourcedId", "enabledUser", "identifier", "familyName", "givenName", "grades",
             "metadata.jp.kanaFamilyName", "metadata.jp.kanaGivenName"),
            ((one, "true", f"{n:07}", f"見本{n:05}", "花子", "H3", "ミホン", "ハナコ") for n, one in enumerate(ids)),
        ),
        "roles.csv": table(("userSourcedId", "role", "orgSourcedId"), ((one, "student", SCHOOL_ID) for one in ids)),
        "classes.csv": table(
            ("sourcedId", "title", "classType", "termSourcedIds"),
            ((one, f"3年{n}組", "homeroom", YEAR_ID) for n, one in enumerate(classes)),
        ),
        "enrollments.csv": table(
            ("classSourcedId", "userSourcedId", "role", "metadata.jp.shussekiNo"),
            ((classes[n // 40], one, "student", n % 40 + 1) for n, one in enumerate(ids)),
        ),
        "demographics.csv": table(("sourcedId", "birthDate"), ((one, "2007-04-14") for one in ids)),
        "grades.csv": table(
            ("userSourcedId", "schoolYear", "grade", "subjectArea", "course", "credits", "creditsEarned", "rating", "result"),
            ((one, 2025, "H3", "国語", f"科目{n}", 2, 2, n % 5 + 1, "修得") for one in ids for n in range(courses)),
        ),
    }  # fmt: skip
    roster = samples.roster()
    files |= {name: roster[name] for name in ("orgs.csv", "academicSessions.csv", "manifest.csv")}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def main(url: str, learners: int) -> None:
    """Import, and say what it took."""
    upload = sys.stdin.buffer.read()
    database = Database(url, schema="issuer", package="issuer")
    Base.metadata.create_all(database.engine)
    service = RegisterService(database, AUDIT, Vault(b"k" * 32, VAULT_PURPOSE))
    now = datetime(2026, 3, 2, tzinfo=UTC)
    started = time.perf_counter()
    checked = service.check_import(SCHOOL, {"RO.zip": upload}, actor="clerk", now=now)
    assert checked.report.counts() == {
        "new": learners, "changed": 0, "unchanged": 0, "missing": 0, "in_error": 0, "errors": 0, "notices": 0,
    }, checked.report.counts()  # fmt: skip
    middle = time.perf_counter()
    service.confirm_import(SCHOOL, checked.job_id, actor="clerk", now=now)
    ended = time.perf_counter()
    print(f"{peak_megabytes()} {middle - started:.1f} {ended - middle:.1f}")


def peak_megabytes() -> int:
    """Return the most memory that this program held; `ru_maxrss` would count what its parent held before it began."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
