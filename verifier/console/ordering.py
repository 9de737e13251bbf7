"""Making a request: a template, or one's own choice from the catalogue; the purpose; how long it may be answered."""

from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from schemas.catalogue import DocumentDefinition
from tegata.errors import NotFound, Text
from tegata.formats.credential import ClaimPath
from tegata.identity.individual_number import IndividualNumberRefused, refuse_text
from tegata.service.console import Form
from verifier.console.office import Pages, Visit, see_other
from verifier.console.outline import Group, label, left_out, outline
from verifier.console.seat import STAFF_OF_A_VERIFIER
from verifier.oid4vp.dcql import Query
from verifier.requests import templates
from verifier.requests.expansion import expand
from verifier.requests.templates import MAX_CLAIMS, DocumentRequest, Item
from verifier.signing.service import NoRequestCertificate
from verifier.wallet_api.service import Order

CUSTOM = "custom"
LONGEST_PURPOSE, LONGEST_REFERENCE = 400, 200
NO_PURPOSE = Text(
    "目的を入力してください。本人の画面に出ます。", "Enter the purpose. The person will read it."
)
PURPOSE_TOO_LONG = Text(
    f"目的は{LONGEST_PURPOSE}文字までで入力してください。",
    f"Enter the purpose in at most {LONGEST_PURPOSE} characters.",
)
REFERENCE_TOO_LONG = Text(
    f"整理番号は{LONGEST_REFERENCE}文字までで入力してください。",
    f"Enter a reference of at most {LONGEST_REFERENCE} characters.",
)
NO_ITEMS = Text("受け取る項目を1つ以上選んでください。", "Choose at least one item to receive.")
UNKNOWN_ITEM = Text("一覧にある項目から選んでください。", "Choose items from the list.")
NO_TIME = Text("期限を選んでください。", "Choose how long it may be answered.")
#: How long a request may be answered: at the counter, or by a link that is sent.
LIFETIMES: dict[str, tuple[timedelta, Text]] = {
    "10m": (timedelta(minutes=10), Text("10分（目の前の人に見せる）", "10 minutes (the person is here)")),
    "1d": (timedelta(days=1), Text("1日", "1 day")),
    "7d": (timedelta(days=7), Text("7日（リンクを送る）", "7 days (the link is sent)")),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An item of a document that can be chosen; `value` names it in the form."""

    value: str
    label: Text
    path: ClaimPath


@dataclass(frozen=True, slots=True)
class Draft:
    """What is being asked for: a template, or one document of which items are chosen."""

    name: str
    title: Text
    purpose: str
    items: tuple[Item, ...]
    document: DocumentDefinition | None = None


def add(pages: Pages) -> None:
    """Add the pages that make a request."""
    pages.get("/requests/new", ask, STAFF_OF_A_VERIFIER)
    pages.post("/requests/new", make, STAFF_OF_A_VERIFIER)


def ask(visit: Visit) -> Response:
    """Ask what to check; then, with that, why."""
    draft = _draft(visit)
    if draft is None:
        return visit.page("request/choose.html", templates=_offers(visit), form=Form())
    if draft.name == CUSTOM and draft.document is None:
        return visit.page("request/document.html", documents=_shown(visit))
    language = visit.office.console.language(visit.request)
    purpose = draft.purpose if language == "ja" else _purpose_en(draft)
    return _form_page(visit, draft, Form.filled(purpose=purpose, lifetime="10m"))


def _shown(visit: Visit) -> tuple[DocumentDefinition, ...]:
    """Return the documents that somebody may be asked for: those that learners have and show."""
    return tuple(item for item in visit.verifier.catalogue.documents if item.is_for_holders)


def make(visit: Visit) -> Response:
    """Make the request and go to it."""
    draft, form = _draft(visit), visit.form
    if draft is None or (draft.name == CUSTOM and draft.document is None):
        raise NotFound("nothing to ask for was chosen")
    items = draft.items if draft.document is None else _chosen(draft.document, form)
    purpose = form.require("purpose", NO_PURPOSE)
    if len(purpose) > LONGEST_PURPOSE:
        form.errors.add("purpose", PURPOSE_TOO_LONG)
    reference = form["reference"].strip()
    if len(reference) > LONGEST_REFERENCE:
        form.errors.add("reference", REFERENCE_TOO_LONG)
    if form["lifetime"] not in LIFETIMES:
        form.errors.add("lifetime", NO_TIME)
    _guard(form)
    if form.errors:
        return _form_page(visit, draft, form, 422)
    order = Order(
        tenant_id=visit.tenant_id,
        query=expand(items, visit.verifier.catalogue),
        purpose=purpose,
        template=draft.name,
        reference=reference,
        created_by=visit.seat.actor,
        lifetime=LIFETIMES[form["lifetime"]][0],
    )
    try:
        view = visit.verifier.presentations.create(order, visit.now)
    except NoRequestCertificate as error:
        form.errors.add("", error.public)
        return _form_page(visit, draft, form, 422)
    return see_other(f"/requests/{view.id}")


def _guard(form: Form) -> None:
    """Refuse a 個人番号 in what is stored; the field that held it is emptied by nobody but the person."""
    for name in ("purpose", "reference"):
        try:
            refuse_text(name, form[name])
        except IndividualNumberRefused as error:
            form.errors.add(name, error.public)


def _draft(visit: Visit) -> Draft | None:
    name = visit.query.get("template", "")
    if not name:
        return None
    if name == CUSTOM:
        wanted = visit.query.get("document", "")
        document = visit.verifier.catalogue.get(wanted) if wanted else None
        title = Text("自分で選ぶ", "Choose the items") if document is None else document.title
        return Draft(CUSTOM, title, "", (), document)
    found = templates.get(name)
    return Draft(found.name, found.title, found.purpose.ja, found.items)


def _purpose_en(draft: Draft) -> str:
    return templates.get(draft.name).purpose.en if draft.name != CUSTOM else ""


def _offers(visit: Visit) -> list[tuple[str, Text, tuple[Group, ...]]]:
    return [
        (
            item.name,
            item.title,
            outline(expand(item.items, visit.verifier.catalogue), visit.verifier.catalogue),
        )
        for item in templates.load()
    ]


def choices(document: DocumentDefinition) -> list[Choice]:
    """Return the items of a document that a request may ask for one by one."""
    found = []
    for path in left_out(document, set()):
        # A list is asked for by all its elements, which then come one by one.
        whole: ClaimPath = (*path, None) if (*path, None) in document.labels else path
        found.append(Choice(str(path[0]), label(path, document), whole))
    return found


def _chosen(document: DocumentDefinition, form: Form) -> tuple[Item, ...]:
    offered = {choice.value: choice.path for choice in choices(document)}
    wanted = list(dict.fromkeys(form.all("item")))
    if not wanted:
        form.errors.add("item", NO_ITEMS)
    elif len(wanted) > MAX_CLAIMS or not set(wanted) <= offered.keys():
        form.errors.add("item", UNKNOWN_ITEM)
    if form.errors.get("item"):
        return ()
    return (Item((DocumentRequest(document.name, tuple(offered[name] for name in wanted)),)),)


def _form_page(visit: Visit, draft: Draft, form: Form, status: int = 200) -> Response:
    catalogue = visit.verifier.catalogue
    query: Query | None = None
    if draft.items:
        query = expand(draft.items, catalogue)
    return visit.page(
        "request/new.html",
        status,
        form=form,
        draft=draft,
        groups=() if query is None else outline(query, catalogue),
        choices=[] if draft.document is None else choices(draft.document),
        lifetimes=LIFETIMES,
    )
