"""A wallet that nobody here wrote claims from the issuer and answers the verifier, over HTTP on this machine.

So that one misreading of a standard cannot pass on both sides: `tests/peers/wallet.mjs` is @openid4vc, @sd-jwt, dcql and
jose, and shares no line with the wallet that Tegata brings for builders.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from issuer.app import create_app as create_issuer
from issuer.issuance.entitlements import Invitation, invite_batch, make_slip
from issuer.status.service import Change, Reason, StatusService
from tegata.errors import Text
from tegata.identity.certificates import KeyUse
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner
from tegata.status.entries import Status
from tests.simulators import school as simulator
from tests.simulators.application import free_socket, served
from tests.simulators.school import KEK, ReadySchool
from verifier.api.keys import Scope
from verifier.app import build as build_verifier
from verifier.assembly import Verifier, assemble
from verifier.oid4vp.request import Prefix
from verifier.settings import VerifierSettings
from verifier.tenants import store as tenants

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("third-party-wallet")]

_PEERS = Path(__file__).parents[1] / "peers"
GRADUATION = {"document": "graduation", "claims": ["family_name", "graduation_date"]}
COURSES = {"document": "transcript", "claims": ["average", ["courses", 0]]}


def wallet(**command: object):
    """Let the wallet do one thing."""
    if shutil.which("node") is None or not (_PEERS / "node_modules").exists():
        pytest.skip("Node.js, or its packages for tests, are not installed: `make peers`")
    done = subprocess.run(
        ["node", "wallet.mjs"],
        cwd=_PEERS,
        input=json.dumps(command),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@dataclass
class World:
    """A school and a university, each on a port of its own."""

    ready: ReadySchool
    links: list[Invitation]
    verifier: Verifier
    api: httpx.Client

    def ask(self, *items: object) -> dict:
        """Make a request; returns it as the API shows it."""
        body = {"purpose": "Test", "items": [{"any_of": [item]} for item in items]}
        answer = self.api.post("/api/v1/requests", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def look(self, request: dict) -> dict:
        """Return a request as it is now."""
        return self.api.get(f"/api/v1/requests/{request['id']}").json()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Sealed documents of three graduates, and a verifier that trusts their school's registrar."""
    folder = tmp_path_factory.mktemp("world")
    with ExitStack() as stack:
        sockets = [stack.enter_context(free_socket()) for _ in range(2)]
        issuer_at, verifier_at = (f"http://localhost:{item.getsockname()[1]}" for item in sockets)
        now = datetime.now(UTC)
        settings = simulator.settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder, issuer_at)
        ready = simulator.build(settings, now)
        batch = ready.sealed_batch(now, 3)
        links = invite_batch(ready.workshop, ready.school.tenant_id, batch, ready.clerk.account_id, now)
        stack.callback(ready.workshop.database.dispose)
        stack.enter_context(served(create_issuer(settings), sockets[0]))
        verifier = _verifier(ready, folder, verifier_at, issuer_at, now)
        stack.enter_context(served(build_verifier(verifier), sockets[1]))
        yield World(ready, links, verifier, _client(verifier, verifier_at, now, stack))


def _verifier(ready: ReadySchool, folder: Path, origin: str, issuer_at: str, now: datetime) -> Verifier:
    anchor = folder / "anchor.pem"
    anchor.write_bytes(ready.registrar.anchor_pem())
    settings = VerifierSettings(
        mode="test",
        public_origin=origin,
        database_url=f"sqlite:///{folder}/verifier.sqlite3",
        data_directory=folder,
        insecure_loopback=True,
        loopback_origins=(issuer_at, origin),
        test_identifiers=True,
        key_encryption_key=KEK,
        trust_anchor_file=anchor,
        trust_list_url=f"{issuer_at}/trust-list",
        client_id_prefix=Prefix.X509_HASH,
        # A list is kept for a second at most, so that a revocation is seen at once.
        status_max_age=1,
    )
    verifier = assemble(settings)
    verifier.database.upgrade()
    request = verifier.signing.certificate_request("例示みらい大学", now)
    chain = ready.registrar.certification.certify_request(
        request,
        ["localhost"],
        organisation="例示みらい大学",
        corporate_number="1000000999998",
        now=now - timedelta(minutes=1),
    )
    verifier.signing.install(chain, now)
    return verifier


def _client(verifier: Verifier, origin: str, now: datetime, stack: ExitStack) -> httpx.Client:
    with verifier.database.writing() as connection:
        tenant = tenants.add(connection, Text("例示みらい大学", "Reiji Mirai University"), "", now)
    key = verifier.keys.create(tenant.id, "test", frozenset(Scope), now, now + timedelta(days=1))
    client = httpx.Client(base_url=origin, headers={"Authorization": f"Bearer {key}"}, trust_env=False)
    return stack.enter_context(client)


@pytest.fixture(scope="module")
def held(world: World):
    """The first graduate's two documents in the third-party wallet."""
    return [
        wallet(do="claim", offer=world.links[n].link, format="dc+sd-jwt")["credentials"][0] for n in (0, 3)
    ]


def test_it_claims_by_link_and_gets_a_credential_for_its_key(world: World) -> None:
    claimed = wallet(do="claim", offer=world.links[1].link, format="dc+sd-jwt")
    assert claimed["issuer"] == world.ready.school.issuer
    assert claimed["credentialConfigurationId"] == "graduation-sd-jwt"
    assert len(claimed["credentials"]) == 1


def test_it_claims_several_copies_with_keys_of_their_own_named_by_did_jwk(world: World) -> None:
    claimed = wallet(do="claim", offer=world.links[1].link, format="dc+sd-jwt", keys=3, proof="did:jwk")
    credentials = [item["credential"] for item in claimed["credentials"]]
    assert len(set(credentials)) == 3
    assert not set(credentials[0].split("~")) & set(credentials[1].split("~")) - {""}


def test_it_claims_a_w3c_credential(world: World) -> None:
    claimed = wallet(do="claim", offer=world.links[1].link, format="ldp_vc")
    credential = claimed["credentials"][0]["credential"]
    assert credential["type"] == ["VerifiableCredential", "JpGraduationCredential"]


def test_a_slip_asks_it_for_the_confirmation_number(world: World) -> None:
    slip = make_slip(
        world.ready.workshop,
        world.ready.school.tenant_id,
        world.links[4].document_id,
        world.ready.clerk.account_id,
        datetime.now(UTC),
    )
    refused = wallet(do="claim", offer=slip.link, txCode="000000x", format="dc+sd-jwt")
    assert "error" in refused
    claimed = wallet(do="claim", offer=slip.link, txCode=slip.transaction_code, format="dc+sd-jwt")
    assert claimed["credentialConfigurationId"] == "transcript-sd-jwt"


def _public_jwk(world: World, use: KeyUse) -> dict:
    signer, _ = world.ready.workshop.keys.signer(world.ready.school.id, use, datetime.now(UTC))
    return {**jwk.to_jwk(signer.public_key), "alg": "ES256"}


def test_sd_jwt_js_verifies_credential_status_list_and_type_metadata(world: World, held) -> None:
    found = wallet(
        do="verify",
        credential=held[0]["credential"],
        issuerJwk=_public_jwk(world, KeyUse.COPY),
        statusJwk=_public_jwk(world, KeyUse.STATUS),
        typesAt=world.ready.settings.public_origin,
    )
    assert "error" not in found, found
    assert found["header"]["typ"] == "dc+sd-jwt"
    assert found["claims"]["graduation_date"] == "2026-03-01"
    assert {"family_name", "birthdate", "document_number"} <= set(found["keys"])
    assert "school" not in found["keys"]
    assert found["type"]["display"][0]["name"] == "卒業証明書"


def test_sd_jwt_js_refuses_it_under_another_schools_key(world: World, held) -> None:
    other = {**jwk.to_jwk(SoftwareSigner.generate().public_key), "alg": "ES256"}
    found = wallet(do="verify", credential=held[0]["credential"], issuerJwk=other, statusJwk=other)
    assert "error" in found


def test_it_answers_a_signed_request_encrypted_and_the_report_is_valid(world: World, held) -> None:
    request = world.ask(GRADUATION, COURSES)
    answer = wallet(do="present", request=request["links"]["cross_device"], credentials=held)
    assert (answer["status"], answer["responseMode"], answer["prefix"]) == (
        200,
        "direct_post.jwt",
        "x509_hash",
    )
    report = world.look(request)["report"]
    assert report["verdict"] == "valid"
    graduation, transcript = report["credentials"]
    assert {"family_name", "graduation_date"} <= graduation["claims"].keys()
    assert "birthdate" not in graduation["claims"]
    assert "given_name" not in graduation["claims"]
    assert transcript["claims"]["average"]
    assert len(transcript["claims"]["courses"]) == 1


@pytest.mark.parametrize("spoil", ["nonce", "audience", "disclosure"])
def test_an_answer_made_for_somebody_else_or_altered_is_refused(world: World, held, spoil: str) -> None:
    request = world.ask(GRADUATION)
    answer = wallet(do="present", request=request["links"]["cross_device"], credentials=held[:1], spoil=spoil)
    assert answer["status"] == 400
    assert answer["answer"]["error"] == "invalid_request"
    assert world.look(request)["report"] is None


def test_an_answer_is_taken_once(world: World, held) -> None:
    request = world.ask(GRADUATION)
    link = request["links"]["cross_device"]
    assert wallet(do="present", request=link, credentials=held[:1])["status"] == 200
    again = wallet(do="present", request=link, credentials=held[:1])
    assert again.get("status", 400) == 400


def test_what_was_revoked_is_reported_as_not_valid(world: World) -> None:
    claimed = wallet(do="claim", offer=world.links[2].link, format="dc+sd-jwt")["credentials"]
    workshop = world.ready.workshop
    change = Change(Status.INVALID, Reason.ERROR)
    StatusService(workshop.database, workshop.vault).change(
        world.ready.school.tenant_id, world.links[2].document_id, change, "clerk", datetime.now(UTC)
    )
    request = world.ask(GRADUATION)
    wallet(do="present", request=request["links"]["cross_device"], credentials=claimed)
    report = world.look(request)["report"]
    assert report["verdict"] == "invalid"
    checks = {item["check"]: item["outcome"] for item in report["credentials"][0]["checks"]}
    assert checks["status"] == "failed"
    assert checks["signature"] == "passed"
