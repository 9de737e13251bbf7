"""Who calls: the one door of every route that wants an API key. Deny by default: a route names the scope it needs."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from enum import StrEnum

from fastapi import Depends, FastAPI, Request
from starlette.responses import Response

from tegata.service.api_keys.keys import ApiKeyMissing, ApiKeys, Caller
from tegata.service.database import Database
from tegata.service.problems import log_refusal, problem

UNAUTHORISED = 401
#: Set on each guard, so that a test can say of every route who may call it.
SCOPE_ATTRIBUTE = "tegata_scope"


def guard(keys: ApiKeys, database: Database, scope: StrEnum) -> Callable[[Request], Awaitable[Caller]]:
    """Return the dependency that admits callers with this scope."""

    async def admit(request: Request) -> Caller:
        given = request.headers.getlist("authorization")
        authorization = given[0] if len(given) == 1 else ""
        return await database.in_pool(keys.recognise, authorization, scope, datetime.now(UTC))

    setattr(admit, SCOPE_ATTRIBUTE, scope)
    return admit


def depends(keys: ApiKeys, database: Database, scope: StrEnum) -> Caller:
    """Return the default value that makes a route's parameter its caller."""
    found: Caller = Depends(guard(keys, database, scope))
    return found


def install_errors(app: FastAPI) -> None:
    """Answer missing keys with 401, as clients expect (RFC 6750 §3)."""
    app.add_exception_handler(ApiKeyMissing, _on_missing)


async def _on_missing(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiKeyMissing)  # noqa: S101  registered for this class only
    log_refusal(error)
    answer = problem(request, UNAUTHORISED, error.public, error.kind)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="tegata"'
    return answer
