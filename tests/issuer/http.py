"""Asking an app in this process, without a socket, as any client would."""

import asyncio

import httpx
from fastapi import APIRouter, FastAPI

from tegata.service import problems


def app_of(*routers: APIRouter) -> FastAPI:
    """An app of these routes, with the service's own answers to errors."""
    app = FastAPI()
    problems.install(app)
    for router in routers:
        app.include_router(router)
    return app


class Client:
    """A blocking client of an app."""

    def __init__(self, app: FastAPI, origin: str = "https://issuer.example") -> None:
        self._app, self._origin = app, origin

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """GET a path."""
        return asyncio.run(self._ask("GET", path, headers or {}))

    def head(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """HEAD a path."""
        return asyncio.run(self._ask("HEAD", path, headers or {}))

    async def _ask(self, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=self._origin) as http:
            return await http.request(method, path, headers=headers)
