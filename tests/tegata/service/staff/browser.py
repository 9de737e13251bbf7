"""A browser's manners without a browser: keeps cookies, follows nothing by itself, asks an app in this process."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI


class Browser:
    """A blocking client of an app. Close it, so that no loop stays open."""

    def __init__(self, app: FastAPI, origin: str) -> None:
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.7", 50_000))
        self._client = httpx.AsyncClient(transport=transport, base_url=origin)
        self.cookies = self._client.cookies

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()
