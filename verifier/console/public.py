"""The two pages that anybody may open who has their address: the request for the person who is asked, and the thanks.

Neither shows a result, a claim, or anything of the organisation but its name (OID4VP 1.0 §14.4.3).
"""

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tegata.service.console import Console
from verifier.assembly import Verifier
from verifier.console.outline import outline
from verifier.wallet_api.routes import ReturnPage
from verifier.wallet_api.service import RequestView


def routes(verifier: Verifier, console: Console) -> APIRouter:
    """Build the public page of a request."""
    router = APIRouter(include_in_schema=False)

    @router.get("/ask/{address}")
    async def ask(request: Request, address: str) -> Response:
        """Say who asks for what, and lead to the wallet."""
        now = datetime.now(UTC)

        def use_case() -> Response:
            asked = verifier.presentations.look(address, now)
            return console.page(
                request,
                "verifier/ask.html",
                asked=asked,
                groups=outline(asked.query, verifier.catalogue),
                host=verifier.settings.host,
            )

        return await verifier.database.in_pool(use_case)

    return router


def return_page(console: Console) -> ReturnPage:
    """Return the page that a browser sees when it comes back from the wallet."""

    def page(request: Request, view: RequestView) -> Response:
        return console.page(
            request, "verifier/returned.html", organisation=view.organisation, received_at=view.received_at
        )

    return page
