"""An app of one test's routes with the answers that every service gives, asked in this process."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI

from tegata.service import problems


def new_app() -> FastAPI:
    app = FastAPI()
    problems.install(app)
    return app


def ask(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://example.jp") as client:
            return await client.request(method, path, **more)

    return asyncio.run(once())
