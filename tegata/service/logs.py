"""Logging as every service does it: to standard error, with the reference number, and without secrets.

The guard against 個人番号 is the last filter: whatever a message held, such a number does not reach the log. Requests are
logged by `AccessLog`, with everything in their path that could be a link's secret taken out.
"""

import logging
import re
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tegata.identity.individual_number import RedactingFilter
from tegata.service.correlation import CorrelationFilter

FORMAT = "%(asctime)s %(levelname)s %(reference_number)s %(name)s: %(message)s"
#: Tokens of links, codes and ids: long, and with a digit or a capital in them, which no page's name has.
_SECRET = re.compile(r"(?=.*[0-9A-Z])[A-Za-z0-9_.~%-]{20,}")
logger = logging.getLogger("tegata.access")


def configure_logging(level: str) -> None:
    """Send records of this level and above to standard error; safe to call more than once."""
    root = logging.getLogger()
    root.setLevel(level)
    if any(isinstance(found, _Handler) for found in root.handlers):
        return
    handler = _Handler()
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(CorrelationFilter())
    handler.addFilter(RedactingFilter())
    root.addHandler(handler)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Both would log addresses with codes in them.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]  # the stream's type does not matter
    """Marks the handler as ours."""


def masked(path: str) -> str:
    """Return a path without the parts that may open something: `/s/abc/offers/…`."""
    return "/".join("…" if _SECRET.fullmatch(part) else part[:40] for part in path[:400].split("/"))


class AccessLog:
    """Logs each request: method, masked path, status, milliseconds; never a query, a header or an address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            spent = (time.perf_counter() - began) * 1000
            logger.info("%s %s %d %.0f ms", scope["method"], masked(scope["path"]), status, spent)
