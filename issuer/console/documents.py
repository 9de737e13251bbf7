"""A page for each document type, generated from its data, for anybody who wants to know what a certificate says."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from issuer.issuance.workshop import Workshop
from schemas.description import document_page
from tegata.service.console import Console, Frame

PATH = "/documents"


def routes(workshop: Workshop, console: Console) -> APIRouter:
    """Build the pages of document types; anybody may read them."""
    router = APIRouter(include_in_schema=False)
    frame = Frame(home_path=PATH)

    @router.get(PATH)
    async def index(request: Request) -> Response:
        """Show every document type."""
        documents = workshop.catalogue.documents
        return console.page(request, "issuer/document/list.html", frame=frame, documents=documents)

    @router.get(PATH + "/{name}")
    async def document(request: Request, name: str) -> Response:
        """Show one document type: what it says, who decides about each field, what it never says."""
        found = document_page(workshop.catalogue.get(name))
        return console.page(request, "issuer/document/one.html", frame=frame, document=found)

    return router
