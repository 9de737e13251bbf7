"""What is handed out after a batch is sealed: claim links as a file, slips to print in bulk, slips one by one.

A link lets its holder receive; a slip also needs a number that is shown once. One person's slip is made only after the
clerk has said how the person was checked.
"""

from dataclasses import dataclass

from starlette.responses import Response

from issuer.console.batch import Item, items_of, line_of
from issuer.console.imports import csv_file
from issuer.console.office import Pages, Visit, see_other
from issuer.console.seat import CLERK
from issuer.issuance import store as issuance
from issuer.issuance.entitlements import Invitation, invite_batch, make_slip, open_invitations
from issuer.issuance.states import Sealed, expect
from tegata.codec.dates import today
from tegata.errors import Text
from tegata.service.console import Form, Pagination

CLERKS = frozenset({CLERK})
CHECKS = (
    ("my-number-card", Text("マイナンバーカードの顔写真で確かめた", "By the photo on a My Number Card")),
    ("photo-id", Text("ほかの顔写真つきの身分証で確かめた", "By another identity paper with a photo")),
    ("known", Text("教職員が本人を知っている", "A member of staff knows the person")),
)
NOT_CHECKED = Text("本人をどう確かめたかを選んでください。", "Say how you checked the person.")
_COLUMNS = (
    Text("学籍番号", "Student number"), Text("氏名", "Name"), Text("フリガナ", "Kana"), Text("証明書", "Certificate"),
    Text("証明書番号", "Certificate number"), Text("受取リンク", "Claim link"), Text("期限", "Until"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip on paper: what it is for, the link, and the 確認番号 if there is one."""

    item: Item
    invitation: Invitation


def add(pages: Pages) -> None:
    """Add the pages of handing out."""
    pages.get("/batches/{batch_id}/links", links, CLERKS)
    pages.post("/batches/{batch_id}/links", make_links, CLERKS)
    pages.get("/batches/{batch_id}/links.csv", links_csv, CLERKS)
    pages.get("/batches/{batch_id}/slips", bulk_slips, CLERKS)
    pages.get("/issued/{document_id}/slip", ask_how, CLERKS)
    pages.post("/issued/{document_id}/slip", one_slip, CLERKS)


def _slips(visit: Visit, paging: Pagination | None = None) -> tuple[list[Slip], int]:
    """Return the open links of the batch, of one page or all."""
    with visit.reading() as connection:
        found = expect(visit.batch(connection), Sealed)
        if paging is None:
            chunks = issuance.every_document(connection, found.terms.id)
            documents = [item for chunk in chunks for item in chunk]
        else:
            documents = issuance.documents(
                connection, found.terms.id, after=paging.offset - 1, limit=paging.size
            )
        items = items_of(visit, connection, documents)
        held: dict[str, Invitation] = {}
        for start in range(0, len(documents), 500):
            ids = [item.id for item in documents[start : start + 500]]
            held |= open_invitations(visit.workshop, connection, visit.seat.school, ids)
    return [
        Slip(item, held[item.document.id]) for item in items if item.document.id in held
    ], found.terms.size


def links(visit: Visit) -> Response:
    """Show the links of a batch, person by person."""
    with visit.reading() as connection:
        line = line_of(visit, connection, visit.path("batch_id"))
    paging = Pagination.read(visit.query, line.size)
    slips, _ = _slips(visit, paging)
    return visit.page("batch/links.html", line=line, slips=slips, paging=paging)


def make_links(visit: Visit) -> Response:
    """Make a link for every document that has none."""
    batch_id = visit.path("batch_id")
    with visit.reading() as connection:
        visit.batch(connection)
    invite_batch(visit.workshop, visit.tenant_id, batch_id, visit.seat.actor, visit.now)
    return see_other(f"/batches/{batch_id}/links")


def links_csv(visit: Visit) -> Response:
    """Give the links as a file, for a mail merge; who is under concealment is not in it."""
    slips, _ = _slips(visit)
    language = visit.office.console.language(visit.request)
    rows = [
        [
            slip.item.person.number,
            slip.item.person.name,
            slip.item.person.kana,
            slip.item.definition.title.in_language(language),
            slip.item.document.number or "",
            slip.invitation.page,
            today(slip.invitation.claim_until).isoformat(),
        ]
        for slip in slips
        if not slip.item.person.is_concealed
    ]
    return csv_file("claim-links", [[column.in_language(language) for column in _COLUMNS], *rows])


def bulk_slips(visit: Visit) -> Response:
    """Show slips of the whole batch to print: the link as a code, without a 確認番号 (it is handed over separately)."""
    slips, _ = _slips(visit)
    return visit.page("batch/slips.html", slips=slips, school=visit.seat.school)


def ask_how(visit: Visit) -> Response:
    """Ask how the person at the desk was checked."""
    return _ask_page(visit, Form(), 200)


def _ask_page(visit: Visit, form: Form, status: int) -> Response:
    with visit.reading() as connection:
        (item,) = items_of(visit, connection, [visit.document(connection)])
        has_link = bool(open_invitations(visit.workshop, connection, visit.seat.school, [item.document.id]))
    return visit.page("issued/slip.html", status, form=form, item=item, has_link=has_link, checks=CHECKS)


def one_slip(visit: Visit) -> Response:
    """Make one person's slip and show it; earlier links of the document stop working."""
    form = visit.form
    if form["check"] not in dict(CHECKS):
        form.errors.add("check", NOT_CHECKED)
        return _ask_page(visit, form, 422)
    with visit.reading() as connection:
        (item,) = items_of(visit, connection, [visit.document(connection)])
    made = make_slip(visit.workshop, visit.tenant_id, item.document.id, visit.seat.actor, visit.now)
    return visit.page("batch/slips.html", slips=[Slip(item, made)], school=visit.seat.school)
