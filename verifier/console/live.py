"""One request from the moment it is shown to its result: the same address all the way.

While it is open the page shows the code and asks every two seconds how it stands; the last of these answers leads to
the result, so that the title, the heading and the focus are those of the result.
"""

from typing import Any

from starlette.responses import Response

from verifier.console import store
from verifier.console.home import template_titles
from verifier.console.office import Pages, Visit, see_other
from verifier.console.outline import outline
from verifier.console.seat import STAFF_OF_A_VERIFIER
from verifier.console.views import report_view
from verifier.wallet_api.service import RequestView

#: States in which nothing is to be expected any more.
_ENDED = frozenset({"decided", "declined", "expired"})


def add(pages: Pages) -> None:
    """Add a request's pages."""
    pages.get("/requests/{request_id}", one, STAFF_OF_A_VERIFIER)
    pages.get("/requests/{request_id}/state", state, STAFF_OF_A_VERIFIER)
    pages.post("/requests/{request_id}/extend", extend, STAFF_OF_A_VERIFIER)
    pages.post("/requests/{request_id}/check-again", check_again, STAFF_OF_A_VERIFIER)


def one(visit: Visit) -> Response:
    """Show a request as it stands."""
    view = visit.asked()
    if view.report is not None:
        return _report_page(visit, view)
    template = "ended.html" if view.state in _ENDED else "live.html"
    return visit.page(f"request/{template}", **_context(visit, view))


def _context(visit: Visit, view: RequestView) -> dict[str, Any]:
    with visit.reading() as connection:
        asked_by = store.staff_name(connection, visit.tenant_id, view.created_by)
    left = max(0, int((view.expires_at - visit.now).total_seconds()))
    return {
        "view": view,
        "groups": outline(view.query, visit.verifier.catalogue),
        "title": template_titles().get(view.template),
        "asked_by": asked_by,
        "minutes_left": -(-left // 60),
        "days_left": left // 86_400,
        "minutes_more": max(1, visit.verifier.settings.request_lifetime // 60),
    }


def state(visit: Visit) -> Response:
    """Answer how a request stands, for the part of the page that asks; the end leads to the result."""
    view = visit.asked()
    path = f"/requests/{view.id}"
    if view.state in _ENDED:
        # Another query than the page's own: the browser has to load the result, and moves the focus to the verdict.
        return Response(
            b"", 200, {"HX-Redirect": f"{path}?result=1#verdict-word", "Cache-Control": "no-store"}
        )
    if not visit.is_fragment:
        return see_other(path)
    return visit.page("request/state.html", **_context(visit, view))


def _report_page(visit: Visit, view: RequestView) -> Response:
    assert view.report is not None  # noqa: S101  what the caller asked
    found = report_view(view.report, view.query, visit.verifier.catalogue)
    checked = visit.query.get("checked") == "1"
    return visit.page("report/request.html", found=found, was_checked=checked, **_context(visit, view))


def extend(visit: Visit) -> Response:
    """Give the person more time."""
    view = visit.verifier.presentations.extend(
        visit.tenant_id, visit.path("request_id"), visit.seat.actor, visit.now
    )
    return see_other(f"/requests/{view.id}")


def check_again(visit: Visit) -> Response:
    """Look again at an answer that could not be decided."""
    presentations, identifier = visit.verifier.presentations, visit.path("request_id")
    view = presentations.decide(visit.tenant_id, identifier, visit.now)
    return see_other(f"/requests/{view.id}?checked=1#verdict-word")
