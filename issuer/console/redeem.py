"""The page at which a ticket counter uses a single-use certificate up: type the code, press once. For anyone with a code."""

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from issuer.issuance.workshop import Workshop
from issuer.redemption.errors import AlreadyRedeemed
from issuer.redemption.service import Redeemed, RedemptionService
from tegata.codec.dates import today
from tegata.errors import NotFound, TegataError, Text
from tegata.service.console import Console, Form, Frame
from tegata.service.console.forms import read_page_form

NO_CODE = Text("使用番号を入力してください。", "Enter the redemption code.")
UNKNOWN = Text(
    "この学校の使用番号ではありません。番号と学校を確かめてください。",
    "This is no redemption code of this school. Check the code and the school.",
)
_MAX_FORM = 4_096


def routes(workshop: Workshop, console: Console) -> APIRouter:
    """Build the page below a school's own address."""
    router = APIRouter(include_in_schema=False)
    service = RedemptionService(workshop)
    path = workshop.settings.school_path + "/{public_id}/redeem"

    def page(
        request: Request, public_id: str, form: Form, status: int = 200, done: Redeemed | None = None
    ) -> Response:
        with workshop.database.reading() as connection:
            school = workshop.school_by_public_id(connection, public_id, today(datetime.now(UTC)))
        frame = Frame(
            organisation=school.public_names, organisation_code=school.code, home_path=request.url.path
        )
        return console.page(
            request,
            "issuer/redeem.html",
            status,
            frame=frame,
            form=form,
            done=done,
            title=workshop.catalogue.get(done.document_name).title if done else None,
        )

    @router.get(path)
    async def ask(request: Request, public_id: str) -> Response:
        """Ask for the code."""
        return await workshop.database.in_pool(lambda: page(request, public_id, Form()))

    @router.post(path)
    async def redeem(request: Request, public_id: str) -> Response:
        """Use the certificate up, or say why not."""
        form = await read_page_form(request, max_bytes=_MAX_FORM)
        return await workshop.database.in_pool(lambda: answer(request, public_id, form))

    def answer(request: Request, public_id: str, form: Form) -> Response:
        now = datetime.now(UTC)
        code = form.require("code", NO_CODE)
        if form.errors:
            return page(request, public_id, form, 422)
        with workshop.database.reading() as connection:
            school = workshop.school_by_public_id(connection, public_id, today(now))
        try:
            done = service.redeem(school, code, now, redeemer=form["redeemer"].strip())
        except NotFound:
            form.errors.add("code", UNKNOWN)
            return page(request, public_id, form, 422)
        except TegataError as error:
            form.errors.add("code", error.public)
            status = 409 if isinstance(error, AlreadyRedeemed) else 422
            return page(request, public_id, form, status)
        return page(request, public_id, Form(), done=done)

    return router
