"""All pages of the verifier, as one router. Which page is whose stands where each family adds its pages."""

from fastapi import APIRouter
from starlette.requests import Request

from tegata.errors import Forbidden
from tegata.service.console import Console, Frame
from tegata.service.staff.guard import Guard
from tegata.service.staff.principal import Principal
from tegata.service.staff.routes import plain_frame
from tegata.service.staff.routes import routes as staff_routes
from verifier.assembly import Verifier
from verifier.console import api_keys, downloads, files, home, listing, live, ordering, public, trust
from verifier.console.office import Office, Pages
from verifier.console.seat import frame_of, take_seat

#: `ordering` before `live`: /requests/new is no request's id.
_FAMILIES = (home, ordering, listing, live, downloads, files, trust, api_keys)


def console_routes(verifier: Verifier, guard: Guard, console: Console) -> APIRouter:
    """Build every page: sign-in and account, the organisation's own pages, and those that anybody may open."""
    router = APIRouter()
    router.include_router(staff_routes(guard, console, lambda request, who: _frame(verifier, request, who)))
    router.include_router(public.routes(verifier, console))
    pages = Pages(Office(verifier, guard, console), router)
    for family in _FAMILIES:
        family.add(pages)
    return router


def _frame(verifier: Verifier, request: Request, principal: Principal) -> Frame:
    """Return the frame around one's own account: the organisation's where there is one."""
    try:
        with verifier.database.reading() as connection:
            return frame_of(connection, take_seat(connection, principal))
    except Forbidden:
        return plain_frame(request, principal)
