"""The one translation from errors to HTTP (RFC 9457), for everything that no protocol translates itself.

A browser gets a page (the service's console sets `app.state.problem_page`), a program gets
`application/problem+json`. Unknown errors show nothing but the reference number, which is also in the log.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tegata.codec import json
from tegata.errors import (
    Conflict,
    CryptographyFailed,
    Forbidden,
    LimitExceeded,
    MalformedInput,
    Misconfigured,
    NotFound,
    TegataError,
    Text,
    Unavailable,
)
from tegata.service import correlation
from tegata.service.bodies import WrongContentType
from tegata.service.logs import AccessLog
from tegata.service.nul import NulGuard

logger = logging.getLogger(__name__)

#: (request, status, public text, kind, reference number) -> page
ProblemPage = Callable[[Request, int, Text, str, str], Response]

_STATUS: tuple[tuple[type[TegataError], int], ...] = (
    (WrongContentType, 415),
    (LimitExceeded, 413),
    (MalformedInput, 400),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (CryptographyFailed, 400),
    (Unavailable, 503),
    (Misconfigured, 503),
)
_TEXT_BY_STATUS = {
    404: NotFound.text,
    405: Text("このアドレスでは、その操作はできません。", "This address does not offer that operation."),
    422: MalformedInput.text,
}
SERVER_ERROR = 500


def status_of(error: TegataError) -> int:
    """Return the HTTP status for an error, by the nearest of its classes."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return SERVER_ERROR


def problem(
    request: Request,
    status: int,
    public: Text,
    kind: str,
    pointer: str = "",
    more: Mapping[str, str] | None = None,
) -> Response:
    """Build the answer: a page for a browser, `application/problem+json` for everything else.

    `more` are members of this one kind of problem (RFC 9457 §3.2); a `type` among them is the URL of a standard that names it.
    """
    number = correlation.current()
    page: ProblemPage | None = getattr(request.app.state, "problem_page", None)
    if page is not None and "text/html" in request.headers.get("accept", ""):
        return page(request, status, public, kind, number)
    body: dict[str, Any] = {
        "type": f"urn:tegata:problem:{kind}",
        "title": public.en,
        "title_ja": public.ja,
        "status": status,
        "kind": kind,
        "reference_number": number,
    }
    if pointer:
        body["pointer"] = pointer
    body |= more or {}
    headers = {"Cache-Control": "no-store"}
    return Response(json.dumps(body), status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Add the handlers, the access log and the reference number to a service's app."""
    app.add_middleware(NulGuard, refuse=_on_nul)
    app.add_middleware(AccessLog)
    # Added last, so that it is the outermost: every line has the number.
    app.add_middleware(correlation.CorrelationMiddleware)
    app.add_exception_handler(TegataError, _on_tegata_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(Exception, _on_anything_else)


def log_refusal(error: TegataError) -> None:
    """Log a refusal with its private detail; the reference number is added by the logging filter."""
    status = status_of(error)
    level = logging.ERROR if status >= SERVER_ERROR else logging.INFO
    logger.log(level, "%s: %s %s", error.kind, error.detail, error.clause, exc_info=status == SERVER_ERROR)


def _on_nul(request: Request) -> Response:
    error: TegataError = MalformedInput("a query with a NUL character")
    if "\x00" in request.scope["path"]:
        error = NotFound("an address with a NUL character")
    log_refusal(error)
    return problem(request, status_of(error), error.public, error.kind)


async def _on_tegata_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, TegataError)  # noqa: S101  registered for this class only
    log_refusal(error)
    named = getattr(error, "problem_type", "")
    more = {"type": named} if named else None
    return problem(request, status_of(error), error.public, error.kind, error.pointer, more)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class only
    public = _TEXT_BY_STATUS.get(error.status_code, Text("処理できませんでした。", "This could not be done."))
    answer = problem(request, error.status_code, public, f"http_{error.status_code}")
    answer.headers.update(error.headers or {})
    return answer


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class only
    # Only places and rules are logged: the values may be personal.
    places = [".".join(str(part) for part in item["loc"]) + f" {item['type']}" for item in error.errors()]
    logger.info("request does not fit: %s", "; ".join(places))
    return problem(request, 422, MalformedInput.text, MalformedInput.kind)


async def _on_anything_else(request: Request, error: Exception) -> Response:
    logger.error("unexpected %s", type(error).__name__, exc_info=error)
    answer = problem(request, SERVER_ERROR, TegataError.text, TegataError.kind)
    # This handler answers outside the middleware that adds the number to every other answer.
    answer.headers[correlation.HEADER.decode("ascii")] = correlation.current()
    return answer
