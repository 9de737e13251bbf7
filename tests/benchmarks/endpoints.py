"""The two endpoints that wallets press most, under load: credential (OID4VCI §8) and response (OID4VP §8.2).

Each runs as `tegata serve` with two workers; the client is this process. What counts is the servers' processor time for a
request, against the echo's, and against the signatures that a request cannot do without.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import update

from issuer.base import AUDIT
from issuer.database import open_database
from issuer.issuance.entitlements import invite_batch
from issuer.issuance.tables import Entitlement
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.service import WalletService
from tegata.codec import json
from tegata.envelope import jwe, jws
from tegata.errors import Text
from tegata.formats import sd_jwt_vc
from tegata.formats.credential import ClaimPath
from tegata.identity import certificates
from tegata.keys.software import SoftwareSigner
from tegata.service.settings import Mode
from tests.benchmarks import servers
from tests.benchmarks.measuring import Effort, Row, reference_seconds
from tests.benchmarks.servers import Server
from tests.benchmarks.wire import Post, post_all
from tests.simulators.claiming import code_of, proof, token_of
from tests.simulators.issuer import LoopbackServer, Scheme, School, loopback_server
from tests.simulators.school import KEK, ReadySchool, build, settings_for
from verifier.assembly import Verifier, assemble
from verifier.oid4vp.request import WalletPost
from verifier.requests.expansion import expand
from verifier.requests.templates import DocumentRequest, Item
from verifier.settings import VerifierSettings
from verifier.tenants import store as tenants
from verifier.wallet_api import store
from verifier.wallet_api.service import Order

_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_ECHO = Post("/", json.dumps({"content": ["x" * 99] * 80}), _JSON)
CREDENTIAL_TARGETS = {"graduation": (0.28, 0.12), "transcript": (0.22, 0.10)}
RESPONSE_TARGETS = {"graduation": 0.30, "transcript": 0.20}

Batch = Callable[[int], Sequence[Post]]


def rows(effort: Effort, folder: Path) -> Iterator[Row]:
    """Measure both endpoints with both documents."""
    with servers.echo() as echo:
        post_all(echo.port, [_ECHO] * effort.requests)
        yield from _credential(effort, folder, echo)
        yield from _response(effort, folder, echo, encrypted=False)
        if effort.every_database:
            yield from _response(effort, folder, echo, encrypted=True)


@dataclass(frozen=True, slots=True)
class Load:
    """Medians of the rounds: processor seconds of a request, and what the references take of that."""

    seconds: float
    of_echo: float
    of_pair: float
    of_verifies: float


def _load(effort: Effort, server: Server, echo: Server, batch: Batch) -> Load:
    """Measure a server in rounds, each between two slices of the echo and of the raw signatures."""
    post_all(server.port, batch(effort.requests // 3))
    found = []
    for _ in range(max(1, effort.rounds // 2)):
        posts, echoes = batch(effort.requests), [_ECHO] * (2 * effort.requests)
        raw, answered = reference_seconds(effort), _seconds_each(echo, echoes)
        own = _seconds_each(server, posts)
        answered = (answered + _seconds_each(echo, echoes)) / 2
        sign, verify = (sum(both) / 2 for both in zip(raw, reference_seconds(effort), strict=True))
        found.append((own, answered / own, (sign + verify) / own, 2 * verify / own))
    return Load(*(statistics.median(values) for values in zip(*found, strict=True)))


def _seconds_each(server: Server, posts: Sequence[Post]) -> float:
    before = server.seconds()
    post_all(server.port, posts)
    return max(server.seconds() - before, 0.01) / len(posts)


def _credential(effort: Effort, folder: Path, echo: Server) -> Iterator[Row]:
    port = servers.free_port()
    url, origin = f"sqlite:///{folder}/endpoint.sqlite3", f"http://localhost:{port}"
    settings = settings_for(url, folder, origin)
    open_database(settings).upgrade()
    ready = build(settings, datetime.now(UTC))
    clients = {name: _Claims(ready, name) for name in CREDENTIAL_TARGETS}
    environment = servers.settings_in("ISSUER", _issuer_environment(url, folder, origin))
    with servers.service("issuer", port, environment) as server:
        for name, (of_echo, of_signatures) in CREDENTIAL_TARGETS.items():
            load = _load(effort, server, echo, clients[name].posts)
            note = f"{1000 * load.seconds:.2f} ms CPU"
            yield Row(f"Credential endpoint, {name}", load.of_echo, "of echo", of_echo, note=note)
            unit = "of 1 sign + 1 verify"
            yield Row(f"Credential endpoint, {name}", load.of_pair, unit, of_signatures, note=note)
    ready.workshop.database.dispose()


def _issuer_environment(url: str, folder: Path, origin: str) -> dict[str, object]:
    return {
        "mode": "test",
        "public_origin": origin,
        "database_url": url,
        "data_directory": str(folder),
        "insecure_loopback": True,
        "loopback_origins": [origin],
        "test_identifiers": True,
        "key_encryption_key": KEK,
    }


class _Claims:
    """Credential requests of wallets that have their tokens already: one token, one key, one nonce each."""

    def __init__(self, ready: ReadySchool, name: str) -> None:
        workshop, school, now = ready.workshop, ready.school, datetime.now(UTC)
        self._service = WalletService(workshop.database, AUDIT, workshop.secret, CopyMaker(workshop))
        self._school, self._name = school, name
        batch_id = ready.sealed_batch(now, 5, names=(name,))
        invitations = invite_batch(workshop, school.tenant_id, batch_id, "bench", now)
        self._links = [item.page.rpartition("/")[2] for item in invitations]
        with workshop.database.writing() as connection:
            table = Entitlement.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
            connection.execute(update(table).values(wallets_allowed=1_000_000))

    def posts(self, count: int) -> Sequence[Post]:
        return [self._post(self._links[index % len(self._links)]) for index in range(count)]

    def _post(self, link: str) -> Post:
        service, school, now = self._service, self._school, datetime.now(UTC)
        token = token_of(service, school, code_of(service, school, link, now), now)["access_token"]
        made = proof(SoftwareSigner.generate(), school, service.nonce(school, now), now)
        body = {"credential_configuration_id": f"{self._name}-sd-jwt", "proofs": {"jwt": [made]}}
        headers = {**_JSON, "Authorization": f"Bearer {token}"}
        return Post(f"/s/{school.public_id}/credential", json.dumps(body), headers)


def _response(effort: Effort, folder: Path, echo: Server, *, encrypted: bool) -> Iterator[Row]:
    port = servers.free_port()
    with loopback_server() as lists:
        scheme, values = Scheme.start(datetime.now(UTC)), _verifier_settings(folder, port, lists, encrypted)
        Path(str(values["trust_anchor_file"])).write_bytes(certificates.to_pem(scheme.anchors))
        verifier = assemble(VerifierSettings(**values))
        answers = {name: _Answers(verifier, scheme, lists, name) for name in RESPONSE_TARGETS}
        with servers.service("verifier", port, servers.settings_in("VERIFIER", values)) as server:
            for name, target in RESPONSE_TARGETS.items():
                load = _load(effort, server, echo, answers[name].posts)
                note = f"{1000 * load.seconds:.2f} ms CPU, with the report"
                label = f"Response endpoint, {name}{', encrypted' if encrypted else ''}"
                yield Row(label, load.of_echo, "of echo", None if encrypted else target, note=note)
                yield Row(label, load.of_verifies, "of 2 verifies", note=note)
        verifier.database.dispose()


def _verifier_settings(folder: Path, port: int, lists: LoopbackServer, encrypted: bool) -> dict[str, object]:
    name = "encrypted" if encrypted else "plain"
    return {
        "mode": Mode.TEST,
        "public_origin": f"http://localhost:{port}",
        "database_url": f"sqlite:///{folder}/verifier-{name}.sqlite3",
        "data_directory": str(folder),
        "insecure_loopback": True,
        "loopback_origins": (lists.origin,),
        "test_identifiers": True,
        "key_encryption_key": KEK,
        "trust_anchor_file": str(folder / f"anchor-{name}.pem"),
        "encrypt_answers": encrypted,
    }


class _Answers:
    """Answers of wallets to requests that they have fetched, each to one of its own."""

    def __init__(self, verifier: Verifier, scheme: Scheme, lists: LoopbackServer, name: str) -> None:
        now = datetime.now(UTC)
        self._verifier, self._name = verifier, name
        verifier.database.upgrade()
        school = School.enrol(scheme, f"{lists.origin}/s/{name}", now)
        school.publish(lists)
        sequence = 1 + len(list(RESPONSE_TARGETS)[: list(RESPONSE_TARGETS).index(name)])
        verifier.trust.load(scheme.trust_list(school.trusted(), now=now, sequence=sequence), "bench", now)
        with verifier.database.writing() as connection:
            self._tenant = tenants.add(connection, Text("例示大学", "Example University"), "", now).id
        request = verifier.signing.certificate_request("例示大学", now)
        verifier.signing.install(scheme.request_certificate(request), now)
        self._holder = SoftwareSigner.generate()
        self._sealed = school.sd_jwt_vc(school.document(name), self._holder.public_key)
        definition = verifier.catalogue.get(name)
        claims = school.document(name).claims
        self._shown: tuple[ClaimPath, ...] = tuple(
            path
            for path in definition.selectable
            if path[0] in claims and (len(path) == 1 or isinstance(claims[str(path[0])], list))
        )
        asked = tuple(path for path in self._shown if len(path) == 1)[:4]
        items = (Item((DocumentRequest(name, asked),)),)
        self._query = expand(items, verifier.catalogue, ("dc+sd-jwt",))

    def posts(self, count: int) -> Sequence[Post]:
        return [self._post() for _ in range(count)]

    def _post(self) -> Post:
        verifier, now = self._verifier, datetime.now(UTC)
        view = verifier.presentations.create(Order(self._tenant, self._query, "測定"), now)
        with verifier.database.reading() as connection:
            stored = store.by_id(connection, self._tenant, view.id)
        assert stored is not None
        address = stored.terms.request_id
        signed = verifier.presentations.request_object(address, WalletPost(), now)
        claims = json.loads(jws.parse(signed).payload)
        shown = sd_jwt_vc.present(
            self._sealed,
            self._shown,
            self._holder,
            audience=claims["client_id"],
            nonce=claims["nonce"],
            now=now,
        )
        token = {self._query.credentials[0].identifier: [shown.decode("ascii")]}
        form = {"state": claims["state"], "vp_token": json.dumps(token).decode("utf-8")}
        if claims["response_mode"] == "direct_post.jwt":
            key = claims["client_metadata"]["jwks"]["keys"][0]
            content = {"state": claims["state"], "vp_token": token}
            form = {"response": jwe.encrypt(json.dumps(content), key, enc="A128GCM")}
        path = "/" + claims["response_uri"].split("/", 3)[3]
        return Post(path, urlencode(form).encode("ascii"), _FORM)
