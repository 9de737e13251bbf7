"""The routes that wallets call. Every answer is JSON; every refusal has the protocol's code (`issuer.oid4vci.errors`)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from issuer.oid4vci.errors import (
    InvalidCredentialRequest,
    InvalidRequest,
    InvalidToken,
    NotificationRefused,
    NoToken,
    Oid4vciRefused,
)
from issuer.organisations.school import School
from issuer.wallet_api.service import WalletService
from tegata.codec import json
from tegata.errors import MalformedInput
from tegata.service import correlation
from tegata.service.bodies import read_form, read_json
from tegata.service.database import Database
from tegata.service.direct import direct
from tegata.service.problems import log_refusal

_NO_STORE = {"Cache-Control": "no-store"}
#: Finds the school of a path such as `/s/<public id>`; raises `NotFound`.
FindSchool = Callable[[str], School]


def _json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, _NO_STORE, media_type="application/json")


def _now() -> datetime:
    return datetime.now(UTC)


def routes(service: WalletService, database: Database, find_school: FindSchool, prefix: str) -> APIRouter:
    """Build the wallet's routes below `<prefix>/<public id>`."""
    router = APIRouter(prefix=prefix + "/{public_id}", tags=["OID4VCI 1.0"])

    @router.get("/offers/{claim_token}", summary="Credential Offer by reference (OID4VCI §4.1.3)")
    async def offer(public_id: str, claim_token: str) -> Response:
        def use_case() -> object:
            return service.offer(find_school(public_id), claim_token, _now())

        return _json(await database.in_pool(use_case))

    @router.post("/token", summary="Token endpoint, pre-authorized code (OID4VCI §6)")
    @direct
    async def token(public_id: str, request: Request) -> Response:
        with protocol_error(InvalidRequest):
            form = await read_form(request, max_bytes=32_768)

        def use_case() -> object:
            return service.token(find_school(public_id), form, _now())

        return _json(await database.in_pool(use_case))

    @router.post("/nonce", summary="Nonce endpoint (OID4VCI §7)")
    @direct
    async def nonce(public_id: str, request: Request) -> Response:  # noqa: ARG001  as direct routes are called
        def use_case() -> object:
            return {"c_nonce": service.nonce(find_school(public_id), _now())}

        return _json(await database.in_pool(use_case))

    @router.post("/credential", summary="Credential endpoint (OID4VCI §8)")
    @direct
    async def credential(public_id: str, request: Request) -> Response:
        access_token = bearer_token(request)
        with protocol_error(InvalidCredentialRequest):
            body = await read_json(request)

        def use_case() -> object:
            return service.credential(find_school(public_id), access_token, body, _now())

        return _json(await database.in_pool(use_case))

    @router.post("/notification", summary="Notification endpoint (OID4VCI §11)", status_code=204)
    async def notification(public_id: str, request: Request) -> Response:
        access_token = bearer_token(request)
        with protocol_error(NotificationRefused):
            body = await read_json(request, max_bytes=16_384)

        def use_case() -> None:
            service.notify(find_school(public_id), access_token, body, _now())

        await database.in_pool(use_case)
        return Response(status_code=204, headers=_NO_STORE)

    return router


def is_called_by_wallets(prefix: str) -> Callable[[str], bool]:
    """Return whether a path is one that wallets call, from whatever origin they live at."""
    below = re.compile(re.escape(prefix) + r"/[^/]+/(offers/[^/]+|token|nonce|credential|notification)")
    return lambda path: below.fullmatch(path) is not None


@contextmanager
def protocol_error(refusal: type[Oid4vciRefused]) -> Iterator[None]:
    """Turn a malformed body into the protocol's own refusal."""
    try:
        yield
    except MalformedInput as error:
        raise refusal(error.detail, public=error.public) from None


def bearer_token(request: Request) -> str:
    """Return the access token of the Authorization header (RFC 6750 §2.1); raises `InvalidToken`."""
    values = request.headers.getlist("authorization")
    if not values:
        raise NoToken("no Authorization header", clause="RFC 6750 §3.1")
    scheme, _, token = (values[0] if len(values) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise InvalidToken("no bearer token")
    return token


def install_errors(app: FastAPI) -> None:
    """Answer the protocol's refusals in the protocol's form."""
    app.add_exception_handler(Oid4vciRefused, _on_refusal)


async def _on_refusal(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Oid4vciRefused)  # noqa: S101  registered for this class only
    log_refusal(error)
    body = {
        "error": error.code,
        "error_description": _ascii(error.public.en),
        "error_text_ja": error.public.ja,
        "error_text_en": error.public.en,
        "reference_number": correlation.current(),
    }
    if isinstance(error, NoToken):
        # Whoever showed nothing is told how to, not that it was wrong (RFC 6750 §3.1).
        answer = _json({"reference_number": correlation.current()}, error.status)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    answer = _json(body, error.status)
    if isinstance(error, InvalidToken):
        answer.headers["WWW-Authenticate"] = f'Bearer error="{error.code}"'
    return answer


def _ascii(text: str) -> str:
    """Keep what `error_description` may hold: printable ASCII without quotes and backslashes (RFC 6749 §5.2)."""
    return "".join(character for character in text if " " <= character <= "~" and character not in '"\\')
