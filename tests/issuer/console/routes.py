"""What routes the issuer's app has, through every router that is included in another."""

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from issuer.app import create_app
from tests.simulators.school import settings_for

#: Addresses below the console that answer with a file, JSON, a part of a page, or lead to a page.
NO_PAGES = frozenset(
    {
        "/batches/{batch_id}/progress",
        "/batches/{batch_id}/progress/part",
        "/batches/{batch_id}/links.csv",
        "/issued/{document_id}/european",
        "/batches/{batch_id}/terms",
        "/batches/{batch_id}/submit",
        "/approvals/{batch_id}/return",
        "/register/import/{job_id}/confirm",
        "/register/import/{job_id}/errors.csv",
        "/sign-in/password",
        "/sign-in/code",
    }
)
#: Pages of sign-in that the tests of staff accounts look at, and what wallets and programs read.
ELSEWHERE = (
    "/invitations/",
    "/.well-known/",
    "/trust",
    "/healthz",
    "/openapi",
    "/{kind}/",
    "/s/",
    "/registrar",
)


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
    """Return the routes of the issuer."""
    folder = Path(tempfile.mkdtemp())
    return tuple(routes_of(create_app(settings_for(f"sqlite:///{folder}/routes.sqlite3", folder))))


def pages_of() -> set[str]:
    """Return the paths of every page that somebody can open."""
    return {
        route.path
        for route in every_route()
        if "GET" in (route.methods or ())
        and route.path not in NO_PAGES
        and (
            not route.path.startswith(ELSEWHERE) or "/claim/" in route.path or route.path.endswith("/redeem")
        )
    }
