"""A school with one sealed batch, its app, and a key of its system."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from issuer.app import create_app
from issuer.issuance import store
from issuer.issuance.batches import claims_of
from issuer.issuance.store import StoredDocument
from issuer.vc_api.keys import Scope, api_keys
from tests.simulators.school import ReadySchool, build, settings_for


@dataclass
class System:
    """A vendor's system that talks to the issuer over HTTP."""

    ready: ReadySchool
    app: FastAPI
    documents: tuple[StoredDocument, ...]

    @property
    def path(self) -> str:
        return f"/s/{self.ready.school.public_id}/credentials"

    def key(self, *scopes: Scope, tenant_id: str = "") -> str:
        keys = api_keys(self.ready.settings, self.ready.workshop.database)
        tenant = tenant_id or self.ready.school.tenant_id
        return keys.create(tenant, "system", frozenset(scopes or Scope), datetime.now(UTC))

    def post(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        authorization = {"Authorization": f"Bearer {self.key() if key is None else key}"}

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8001") as client:
                return await client.post(path, json=body, headers=authorization if key != "" else {})

        return asyncio.run(once())

    def issue(self, credential: Any, key: str | None = None, **options: Any) -> httpx.Response:
        return self.post(f"{self.path}/issue", {"credential": credential, "options": options}, key)

    def change(self, identifier: str, purpose: str, *, value: bool, key: str | None = None) -> httpx.Response:
        entry = {"type": "BitstringStatusListEntry", "statusPurpose": purpose}
        body = {"credentialId": identifier, "credentialStatus": entry, "status": value}
        return self.post(f"{self.path}/status", body, key)

    def wish(self, position: int = 0) -> dict[str, Any]:
        """What the system would have issued: what it knows that the school approved."""
        item = self.documents[position]
        definition = self.ready.workshop.catalogue.get(item.document_name)
        return {
            "@context": list(definition.contexts),
            "id": identifier_of(item),
            "type": list(definition.types),
            "issuer": self.ready.school.did,
            "credentialSubject": dict(claims_of(self.ready.workshop, item)),
        }


def identifier_of(item: StoredDocument) -> str:
    parts = (item.id[:8], item.id[8:12], item.id[12:16], item.id[16:20], item.id[20:])
    return f"urn:uuid:{'-'.join(parts)}"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    settings = settings_for(f"sqlite:///{tmp_path}/issuer.sqlite3", tmp_path)
    ready = build(settings, datetime.now(UTC))
    batch_id = ready.sealed_batch(datetime.now(UTC), people=2)
    with ready.workshop.database.reading() as connection:
        documents = tuple(store.documents(connection, batch_id))
    yield System(ready, create_app(settings), documents)
    ready.workshop.database.dispose()
