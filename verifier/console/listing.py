"""The list of an organisation's requests, by how they stand."""

from starlette.responses import Response

from tegata.service.console import Form, Pagination
from verifier.console import store
from verifier.console.home import template_titles
from verifier.console.office import Pages, Visit
from verifier.console.seat import STAFF_OF_A_VERIFIER
from verifier.console.store import STANDINGS, Filter

_LONGEST_TEXT = 200


def add(pages: Pages) -> None:
    """Add the list."""
    pages.get("/requests", requests, STAFF_OF_A_VERIFIER)


def requests(visit: Visit) -> Response:
    """Show every request, newest first."""
    query = visit.query
    standing = query.get("state", "")
    wanted = Filter(
        standing if standing in STANDINGS else "",
        query.get("template", "")[:64],
        query.get("q", "").strip()[:_LONGEST_TEXT],
    )
    with visit.reading() as connection:
        found = store.counts(connection, visit.tenant_id, visit.now)
        _, total = store.lines(connection, visit.tenant_id, wanted, visit.now, 0, 1)
        paging = Pagination.read(query, total)
        lines, _ = store.lines(connection, visit.tenant_id, wanted, visit.now, paging.offset, paging.size)
    return visit.page(
        "request/list.html",
        lines=lines,
        paging=paging,
        counts=found,
        standings=STANDINGS,
        wanted=wanted,
        is_filtered=wanted != Filter(),
        form=Form.filled(state=wanted.standing, template=wanted.template, q=wanted.text),
        titles=template_titles(),
    )
