"""What routes the verifier's app has, through every router that is included in another."""

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from tegata.service.settings import Mode
from verifier.app import build
from verifier.assembly import assemble
from verifier.settings import VerifierSettings

#: Addresses below the console that answer with a file or a part of a page, or lead to a page.
NO_PAGES = frozenset(
    {
        "/requests/{request_id}/state",
        "/requests/{request_id}/report.json",
        "/requests/{request_id}/report.csv",
        "/sign-in/password",
        "/sign-in/code",
    }
)
#: Pages that other tests look at, and what wallets and programs call.
ELSEWHERE = ("/invitations/", "/healthz", "/api/", "/request/", "/start/", "/return")


def routes_of(app: FastAPI) -> Iterator[APIRoute]:
    """Yield every route of an app, also those of included routers."""

    def visit(routes: list[Any]) -> Iterator[APIRoute]:
        for route in routes:
            if isinstance(route, APIRoute):
                yield route
                continue
            for name in ("original_router", "router", "app"):
                inner = getattr(route, name, None)
                if inner is not None and hasattr(inner, "routes"):
                    yield from visit(inner.routes)

    yield from visit(list(app.routes))


@cache
def every_route() -> tuple[APIRoute, ...]:
    """Return the routes of the verifier."""
    folder = Path(tempfile.mkdtemp())
    settings = VerifierSettings(
        mode=Mode.TEST,
        public_origin="http://localhost:8002",
        database_url=f"sqlite:///{folder}/routes.sqlite3",
        insecure_loopback=True,
        key_encryption_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",  # type: ignore[arg-type]  # pydantic wraps it
    )
    return tuple(routes_of(build(assemble(settings), with_worker=False)))


def pages_of() -> set[str]:
    """Return the paths of every page that somebody can open."""
    return {
        route.path
        for route in every_route()
        if "GET" in (route.methods or ())
        and route.path not in NO_PAGES
        and not route.path.startswith(ELSEWHERE)
    }
