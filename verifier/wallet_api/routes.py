"""What wallets and the applicant's browser call. Refusals have the protocol's form; nothing here shows a result.

The request addresses and the response addresses are unguessable and open nothing but themselves (OID4VP 1.0 §14.4.3).
"""

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from tegata.codec import json
from tegata.errors import TegataError, Text
from tegata.service.bodies import read_form
from tegata.service.database import Database
from tegata.service.direct import direct
from tegata.service.problems import log_refusal
from verifier.oid4vp import request as requests
from verifier.oid4vp.request import WalletPost, parse_wallet_post
from verifier.oid4vp.response import MAX_BYTES
from verifier.oid4vp.transaction import SECRET_BYTES
from verifier.settings import VerifierSettings
from verifier.wallet_api.errors import NO_STORE, refusal
from verifier.wallet_api.service import PresentationService, RequestView, Taken

logger = logging.getLogger(__name__)

_MAX_WALLET_FORM = 131_072
#: A vp_token in a form: its quotes and braces take three bytes each.
_MAX_ANSWER_FORM = 3 * MAX_BYTES
_COOKIE = "tegata_verifier_start"
_RETURNED = Text(
    "回答を受け取りました。この画面は閉じてかまいません。",
    "Your answer has been received. You may close this page.",
)

#: (request, the request as it is now) -> page, set by the console as `app.state.return_page`.
ReturnPage = Callable[[Request, RequestView], Response]


def _now() -> datetime:
    return datetime.now(UTC)


def _json(value: object) -> Response:
    return Response(json.dumps(value), 200, NO_STORE, media_type="application/json")


def routes(service: PresentationService, database: Database, settings: VerifierSettings) -> APIRouter:
    """Build the routes of OID4VP 1.0."""
    router = APIRouter(tags=["OID4VP 1.0"])
    cookie = f"__Host-{_COOKIE}" if settings.is_secure else _COOKIE

    async def request_object(address: str, post: WalletPost) -> Response:
        signed = await database.in_pool(service.request_object, address, post, _now())
        return Response(signed, 200, NO_STORE, media_type=requests.MEDIA_TYPE)

    @router.get("/request/{address}", summary="The Request Object (OID4VP §5.10, GET)")
    async def fetch(address: str) -> Response:
        try:
            return await request_object(address, WalletPost())
        except TegataError as error:
            return refusal(error)

    @router.post(
        "/request/{address}", summary="The Request Object for a wallet that says what it can (§5.10.1)"
    )
    async def fetch_by_post(address: str, request: Request) -> Response:
        try:
            form = await read_form(request, max_bytes=_MAX_WALLET_FORM)
            return await request_object(address, parse_wallet_post(form))
        except TegataError as error:
            return refusal(error)

    @router.post(
        "/response/{address}", summary="A wallet's answer: direct_post, direct_post.jwt (§8.2, §8.3)"
    )
    @direct
    async def respond(address: str, request: Request) -> Response:
        try:
            form = await read_form(request, max_bytes=_MAX_ANSWER_FORM)
            taken = await database.in_pool(service.respond, address, form, _now())
        except TegataError as error:
            return refusal(error)
        answer = _json(dict(taken.body))
        if taken.stored is not None:
            # The wallet has its answer; what needs the network comes after it. If this process dies here, the next
            # look at the request, or the worker, judges it.
            answer.background = BackgroundTask(_judge, taken)
        return answer

    async def _judge(taken: Taken) -> None:
        try:
            await database.in_pool(service.judge_taken, taken, _now())
        except TegataError as error:
            log_refusal(error)

    @router.get("/start/{address}", summary="Start on this device: binds the browser and opens the wallet")
    async def start(address: str, request: Request) -> Response:
        session = request.cookies.get(cookie) or secrets.token_urlsafe(SECRET_BYTES)
        link = await database.in_pool(service.start, address, session, _now())
        answer = RedirectResponse(link, 303, NO_STORE)
        # Lax, not Strict: the browser comes back from the wallet by a link.
        answer.set_cookie(
            cookie, session, httponly=True, samesite="lax", secure=settings.is_secure, max_age=3600, path="/"
        )
        return answer

    @router.get("/return", summary="The browser comes back with its response code (§13.3)")
    async def returned(request: Request) -> Response:
        code = request.query_params.get("response_code", "")
        session = request.cookies.get(cookie, "")
        view = await database.in_pool(service.came_back, code, session, _now())
        page: ReturnPage | None = getattr(request.app.state, "return_page", None)
        if page is not None:
            return page(request, view)
        return _json({"state": view.state, "text_ja": _RETURNED.ja, "text_en": _RETURNED.en})

    return router
