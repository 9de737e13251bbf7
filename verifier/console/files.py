"""Checking a file or a pasted certificate that somebody handed in. Nothing of it is kept but that it was checked."""

from starlette.responses import Response

from tegata.errors import Text
from tegata.service.audit import Entry, append
from tegata.service.console import Form
from verifier.base import AUDIT
from verifier.console.office import Pages, Visit
from verifier.console.seat import STAFF_OF_A_VERIFIER
from verifier.console.views import report_view

MAX_FILE_BYTES = 1_048_576
#: A file, or as much text in a form, and the form around them.
_MAX_FORM_BYTES = 4 * MAX_FILE_BYTES
NOTHING = Text(
    "ファイルを選ぶか、証明書の文字列を貼り付けてください。",
    "Choose a file, or paste the certificate's text.",
)
BOTH = Text(
    "ファイルと文字列の両方があります。どちらか1つにしてください。",
    "There is both a file and a text. Give only one of them.",
)
TOO_LARGE = Text(
    "1 MBより大きいため、証明書ではないようです。別のファイルを選んでください。",
    "It is larger than 1 MB, so it seems to be no certificate. Choose another file.",
)


def add(pages: Pages) -> None:
    """Add the page."""
    pages.get("/verify", ask, STAFF_OF_A_VERIFIER)
    pages.post("/verify", check, STAFF_OF_A_VERIFIER, max_bytes=_MAX_FORM_BYTES)


def ask(visit: Visit) -> Response:
    """Ask for a file or a text."""
    return visit.page("verify.html", form=Form())


def check(visit: Visit) -> Response:
    """Check what was handed in, and show the report."""
    form = visit.form
    uploads, pasted = form.files("file"), form["text"].strip()
    if uploads and pasted:
        form.errors.add("file", BOTH)
    elif not uploads and not pasted:
        form.errors.add("file", NOTHING)
    data = uploads[0].content if uploads else joined(pasted)
    if len(data) > MAX_FILE_BYTES:
        form.errors.add("file" if uploads else "text", TOO_LARGE)
    if form.errors:
        return visit.page("verify.html", 422, form=form)
    verifier = visit.verifier
    report = verifier.assessor.check_file(data, verifier.file_policy, visit.now)
    with verifier.database.writing() as connection:
        entry = Entry(visit.tenant_id, visit.seat.actor, "file.checked", report.verdict.value)
        append(connection, AUDIT, visit.now, entry)
    name = uploads[0].name if uploads else ""
    found = report_view(report, None, verifier.catalogue)
    return visit.page("report/file.html", found=found, file_name=name, form=Form())


def joined(text: str) -> bytes:
    """Return pasted text as bytes; an SD-JWT that a mail program broke into lines is put together again."""
    return (text if text.startswith("{") else "".join(text.split())).encode("utf-8")
