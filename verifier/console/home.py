"""The first page: what needs a person, what is under way, what was found last; and what is missing before first use."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from tegata.errors import TegataError, Text
from verifier.console import store
from verifier.console.office import Pages, Visit
from verifier.console.seat import STAFF_OF_A_VERIFIER
from verifier.console.store import STANDINGS, Filter
from verifier.requests import templates

_LATEST = 10


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that keeps the verifier from its work, and what to do about it."""

    heading: Text
    advice: Text


NO_CERTIFICATE = Notice(
    Text("依頼に署名できません", "Requests cannot be signed"),
    Text(
        "署名に使う証明書が入っていないか、期限が切れています。情報担当に連絡してください。",
        "The certificate for signing is missing or has expired. Tell your administrator.",
    ),
)
NO_LIST = Notice(
    Text("発行機関の一覧がありません", "There is no list of issuers"),
    Text(
        "一覧がない間は、何を検証しても「判定できません」になります。情報担当に連絡してください。",
        "Without it every result is “cannot decide”. Tell your administrator.",
    ),
)
OLD_LIST = Notice(
    Text("発行機関の一覧が古くなっています", "The list of issuers is too old"),
    Text(
        "新しい一覧を受け取るまで、検証の結果は「判定できません」になります。情報担当に連絡してください。",
        "Until a newer one arrives every result is “cannot decide”. Tell your administrator.",
    ),
)


def add(pages: Pages) -> None:
    """Add the first page."""
    pages.get("/", home, STAFF_OF_A_VERIFIER)


def home(visit: Visit) -> Response:
    """Show what needs a person first."""
    with visit.reading() as connection:
        found = store.counts(connection, visit.tenant_id, visit.now)
        latest, _ = store.lines(connection, visit.tenant_id, Filter(), visit.now, limit=_LATEST)
    return visit.page(
        "home.html",
        counts=found,
        standings=STANDINGS,
        latest=latest,
        notices=notices(visit),
        titles=template_titles(),
    )


def notices(visit: Visit) -> list[Notice]:
    """Return what keeps this verifier from asking or deciding."""
    found = []
    try:
        visit.verifier.signing.signer(visit.now)
    except TegataError:
        found.append(NO_CERTIFICATE)
    snapshot = visit.verifier.trust.current(visit.now)
    if snapshot is None:
        found.append(NO_LIST)
    elif visit.now > snapshot.trust_list.next_update:
        found.append(OLD_LIST)
    return found


def template_titles() -> Mapping[str, Text]:
    """Return the titles of the templates by name."""
    return {item.name: item.title for item in templates.load()}
