"""A verifier with its own database, beside a school that issues: real keys, real HTTP."""

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tegata.codec import base64url
from tegata.doubles.wallet.http import WalletHttp
from tegata.doubles.wallet.store import Held, WalletStore, new_key
from tegata.errors import Text
from tegata.identity import certificates
from tegata.identity.certificates import KeyUse
from tegata.service.settings import Mode
from tests.simulators.application import free_socket, served
from tests.simulators.issuer import LoopbackServer, Scheme, School, loopback_server
from verifier.api.keys import Scope
from verifier.app import build
from verifier.assembly import Verifier, assemble
from verifier.base import Base
from verifier.settings import VerifierSettings
from verifier.tenants import store as tenants

KEK = base64.b64encode(bytes(range(32))).decode("ascii")


@dataclass
class World:
    """Everything a test of the verifier stands on."""

    verifier: Verifier
    scheme: Scheme
    school: School
    server: LoopbackServer
    tenant_id: str
    client: httpx.Client
    folder: Path

    def now(self) -> datetime:
        return datetime.now(UTC)

    def key(self, *scopes: Scope, tenant_id: str = "") -> dict[str, str]:
        """Make an API key; returns the header that carries it."""
        key = self.verifier.keys.create(
            tenant_id or self.tenant_id, "test", frozenset(scopes or Scope), self.now()
        )
        return {"Authorization": f"Bearer {key}"}

    def wallet(self) -> WalletStore:
        return WalletStore(self.folder / "wallet")

    def claim(
        self, wallet: WalletStore, name: str = "graduation", *, index: int = 0, w3c: bool = False
    ) -> Held:
        """Put a copy of a document into a wallet."""
        signer, pem = new_key()
        document = self.school.document(name, index)
        format_name = "ldp_vc" if w3c else "dc+sd-jwt"
        if self.school.use is KeyUse.MDOC_DS:
            format_name = "mso_mdoc"
            credential: Any = base64url.encode(self.school.mobile(document, signer.public_key))
        elif w3c:
            from tegata.codec import json  # noqa: PLC0415  used here alone

            credential = json.loads(self.school.w3c(document, signer.public_key))
        else:
            credential = self.school.sd_jwt_vc(document, signer.public_key).decode("ascii")
        return wallet.add(
            format=format_name,
            configuration_id=name,
            credential_issuer=self.school.identifier,
            credential=credential,
            private_key_pem=pem,
        )

    def http(self) -> WalletHttp:
        """Return a wallet's HTTP that leads into the verifier's app."""
        return WalletHttp(self.client)

    def load_trust_list(self, sequence: int = 1, **changes: Any) -> None:
        """Publish and load a list with the school on it."""
        entry = self.school.trusted(**changes)
        compact = self.scheme.trust_list(entry, now=self.now(), sequence=sequence)
        self.verifier.trust.load(compact, "test", self.now())

    def new_tenant(self, name: str = "別の大学") -> str:
        with self.verifier.database.writing() as connection:
            return tenants.add(connection, Text(name, name), "", self.now()).id


MakeWorld = Callable[..., World]


def build_world(
    stack: ExitStack, folder: Path, database_url: str = "", *, use: KeyUse = KeyUse.COPY, **changes: Any
) -> World:
    """Make a verifier and a school, and serve both until the stack is closed; settings may be changed by name.

    With `use` for document signers, the school issues mobile documents.
    """
    now = datetime.now(UTC)
    server = stack.enter_context(loopback_server())
    scheme = Scheme.start(now)
    anchor_file = folder / "anchor.pem"
    anchor_file.write_bytes(certificates.to_pem(scheme.anchors))
    listener = stack.enter_context(free_socket())
    origin = f"http://localhost:{listener.getsockname()[1]}"
    settings = VerifierSettings(
        **{
            "mode": Mode.TEST,
            "public_origin": origin,
            "database_url": database_url or f"sqlite:///{folder}/verifier.sqlite3",
            "insecure_loopback": True,
            "loopback_origins": (server.origin,),
            "test_identifiers": True,
            "key_encryption_key": KEK,
            "trust_anchor_file": anchor_file,
            **changes,
        }
    )
    verifier = assemble(settings)
    create_schema(verifier)
    school = School.enrol(scheme, f"{server.origin}/s/abc", now, use=use)
    school.publish(server)
    with verifier.database.writing() as connection:
        tenant = tenants.add(connection, Text("例示大学", "Example University"), "", now)
    request = verifier.signing.certificate_request("例示大学", now)
    verifier.signing.install(scheme.request_certificate(request), now)
    stack.enter_context(served(build(verifier, with_worker=False), listener))
    client = stack.enter_context(httpx.Client(base_url=origin, trust_env=False, timeout=20))
    world = World(verifier, scheme, school, server, tenant.id, client, folder)
    world.load_trust_list()
    return world


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """Make a verifier; settings may be changed by name."""
    with ExitStack() as stack:

        def make(database_url: str = "", **changes: Any) -> World:
            return build_world(stack, tmp_path, database_url, **changes)

        yield make


def create_schema(verifier: Verifier) -> None:
    """Make the tables without migrations, in the schema that PostgreSQL has for the service."""
    if not verifier.database.is_sqlite:
        from sqlalchemy import text  # noqa: PLC0415  used here alone

        with verifier.database.engine.begin() as connection:
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{verifier.database.schema}"'))
    with verifier.database.writing() as connection:
        Base.metadata.create_all(connection)


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A verifier on SQLite with the usual settings."""
    return make_world()


@pytest.fixture
def world_on_each_database(make_world: MakeWorld, database_url: str) -> World:
    """A verifier on SQLite, and one on PostgreSQL."""
    return make_world(database_url)
