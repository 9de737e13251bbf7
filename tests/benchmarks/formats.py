"""One credential at a time: issued (rules, prepare, seal, its rows) and verified (from bytes to a report)."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from issuer.base import AUDIT
from issuer.issuance.credentials import to_seal
from issuer.issuance.entitlements import Invitation, invite_batch
from issuer.status.pool import Instance
from issuer.wallet_api import store
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.service import WalletService, digest_of
from schemas import catalogue
from schemas.catalogue import DocumentDefinition
from schemas.validation import validate
from tegata.codec import json
from tegata.formats import data_integrity, sd_jwt_vc
from tegata.formats.credential import ClaimPath, Document, Expected, StatusReference, TypeNames
from tegata.identity.certificates import KeyUse
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner
from tegata.service.audit import Entry, append
from tests.benchmarks import peer
from tests.benchmarks.measuring import RAW, Effort, Row, ratio
from tests.simulators.claiming import code_of, token_of
from tests.simulators.issuer import sample_claims
from tests.simulators.school import ReadySchool, build, settings_for
from tests.verifier.verification.bench import AUDIENCE, NONCE, Bench
from verifier.oid4vp.dcql import LDP_VC, SD_JWT_VC
from verifier.oid4vp.response import Presentation
from verifier.verification.service import Challenge

DOCUMENTS = ("graduation", "transcript")
SIGN, VERIFY = "of raw sign", "of raw verify"
_COPIES = 25
ISSUE_TARGETS = {"graduation": 0.24, "transcript": 0.10}
VERIFY_TARGETS = {"graduation": 0.20, "transcript": 0.11}
PEER = "times as many"
PEER_TARGETS = {"graduation": 2.9, "transcript": 3.5}
PEER_VERIFY_TARGETS = {"graduation": 2.2, "transcript": 1.75}
#: What could be hidden in the documents that the targets were set with: claims by name, and rows of the transcript.
_TARGET_NAMES, _TARGET_ROWS = {"graduation": 5, "transcript": 10}, 20


def rows(effort: Effort, folder: Path) -> Iterator[Row]:
    """Measure both documents in both formats."""
    yield from _library(effort)
    ready = build(settings_for(f"sqlite:///{folder}/formats.sqlite3", folder), datetime.now(UTC))
    for name in DOCUMENTS:
        for format_name in (SD_JWT_VC, LDP_VC):
            yield _issue(ready, name, format_name, effort)
        yield _issue(ready, name, SD_JWT_VC, effort, ISSUE_TARGETS[name])
        yield _peer_issue(name, effort)
    ready.workshop.database.dispose()
    for name in DOCUMENTS:
        for format_name in (SD_JWT_VC, LDP_VC):
            yield _verify(name, format_name, effort)
        yield _verify(name, SD_JWT_VC, effort, VERIFY_TARGETS[name])
        yield _peer_verify(name, effort)


def _library(effort: Effort) -> Iterator[Row]:
    """Measure the format alone, on invented documents with as many disclosures as the targets' sketches had."""
    signer, holder = SoftwareSigner.generate(), SoftwareSigner.generate()
    now = datetime.now(UTC)
    expected = Expected(nonce=NONCE, audience=AUDIENCE, holder_binding_required=True)
    for name, claims, hidden, paths in (_small(), _large()):
        document = _document(claims, hidden, now)

        def issue(document: Document = document) -> bytes:
            prepared = sd_jwt_vc.prepare(document, holder.public_key, secrets.token_bytes, now)
            return sd_jwt_vc.seal(prepared, signer)

        shown = sd_jwt_vc.present(issue(), paths, holder, audience=AUDIENCE, nonce=NONCE, now=now)

        def verify(shown: bytes = shown) -> object:
            parsed = sd_jwt_vc.parse(shown)
            return sd_jwt_vc.verify_presentation(parsed, signer.public_key, now=now, expected=expected)

        # The targets are for the whole path; these rows are for comparing with a format alone, so they have none.
        size = len(issue())
        note = f"{len(paths)} disclosures, {size:,} bytes"
        found = ratio(issue, RAW.sign, effort)
        yield Row(f"SD-JWT VC format alone, issue like a {name}", found, SIGN, note=note)
        found = ratio(verify, RAW.verify, effort)
        yield Row(f"SD-JWT VC format alone, verify like a {name}", found, VERIFY, note=note)


def _document(claims: Mapping[str, Any], hidden: tuple[ClaimPath, ...], now: datetime) -> Document:
    issuer = "https://issuer.example/s/abc"
    names = TypeNames("https://issuer.example/vct/1", "", (), (), hidden)
    status = StatusReference(77, f"{issuer}/status", f"{issuer}/r", f"{issuer}/s")
    start = now.replace(microsecond=0)
    return Document(issuer, "did:web:issuer.example", {}, names, claims, start, status=status)


def _small() -> tuple[str, dict[str, Any], tuple[ClaimPath, ...], tuple[ClaimPath, ...]]:
    claims: dict[str, Any] = {f"claim_{index}": f"例の値 value {index}" for index in range(10)}
    hidden: tuple[ClaimPath, ...] = tuple((f"claim_{index}",) for index in range(5))
    return "graduation", claims, hidden, hidden


def _large() -> tuple[str, dict[str, Any], tuple[ClaimPath, ...], tuple[ClaimPath, ...]]:
    courses = [
        {"area": "国語", "course": f"科目{index}", "credits": 2, "rating": 4, "year": 2025}
        for index in range(40)
    ]
    claims: dict[str, Any] = {f"claim_{index}": f"例の値 value {index}" for index in range(15)}
    named: tuple[ClaimPath, ...] = tuple((f"claim_{index}",) for index in range(10))
    listed: tuple[ClaimPath, ...] = tuple(("courses", index) for index in range(20))
    return "transcript", {**claims, "courses": courses}, (*named, *listed), (*named, *listed)


def _as_large_as_the_target(name: str) -> DocumentDefinition:
    """Return a document type whose holder may hide as much as in the documents that the targets were set with."""
    definition = catalogue.load().get(name)
    every = frozenset(path for path in definition.selectable if len(path) == 1)
    return replace(definition, selectable=_target_paths(name), mandatory=definition.mandatory | every)


def _target_paths(name: str) -> tuple[ClaimPath, ...]:
    definition, claims = catalogue.load().get(name), sample_claims(name)
    named = [path for path in definition.selectable if len(path) == 1 and path[0] in claims]
    named = [path for path in named if not isinstance(claims[str(path[0])], list)]
    rows: list[ClaimPath] = [("courses", index) for index in range(_TARGET_ROWS)]
    return (*named[: _TARGET_NAMES[name]], *(rows if name == "transcript" else ()))


def _issue(
    ready: ReadySchool, name: str, format_name: str, effort: Effort, target: float | None = None
) -> Row:
    """Issue copies to one wallet key each, with status entry and rows, 25 in a transaction.

    With a target, with the disclosures of the document that the target was set with.
    """
    workshop, school = ready.workshop, ready.school
    now = datetime.now(UTC)
    batch_id = ready.sealed_batch(now, 1, names=(name,))
    invitation = invite_batch(workshop, school.tenant_id, batch_id, "bench", now)[0]
    document_id, authorization_id = invitation.document_id, _authorization(ready, invitation, now)
    definition, claims = catalogue.load().get(name), sample_claims(name)
    sealed_as = definition if target is None else _as_large_as_the_target(name)
    signer, _ = workshop.keys.signer(school.id, KeyUse.COPY, now)
    holder = SoftwareSigner.generate().public_key
    start, is_sd_jwt = now.replace(microsecond=0), format_name == SD_JWT_VC

    def issue() -> list[sd_jwt_vc.Prepared | data_integrity.Prepared]:
        with workshop.database.writing() as connection:
            ids = [secrets.token_hex(16) for _ in range(_COPIES)]
            instances = [Instance(identifier, document_id) for identifier in ids]
            slots = workshop.slots.allocate(connection, school.tenant_id, school.id, instances, now)
            prepared: list[sd_jwt_vc.Prepared | data_integrity.Prepared] = []
            for slot in slots:
                assert not validate(definition, claims)
                base = f"{school.issuer}/status/{slot.list_id}"
                status = StatusReference(slot.index, base, f"{base}/revocation", f"{base}/suspension")
                made = to_seal(sealed_as, school, claims, valid_from=start, until=None, status=status)
                prepared.append(
                    sd_jwt_vc.prepare(made, holder, secrets.token_bytes, now)
                    if is_sd_jwt
                    else data_integrity.prepare(made, holder, secrets.token_bytes, now, workshop.contexts)
                )
            store.add_instances(
                connection,
                [
                    {
                        "id": identifier,
                        "tenant_id": school.tenant_id,
                        "document_id": document_id,
                        "authorization_id": authorization_id,
                        "notification_id": identifier,
                        "format": format_name,
                        "key_id": signer.public_key.key_id,
                        "holder_key_thumbprint": jwk.thumbprint(holder),
                        "recorded_at": now,
                    }
                    for identifier in ids
                ],
            )
            append(connection, AUDIT, now, Entry(school.tenant_id, "bench", "copy.recorded", ids[0]))
        for item in prepared:
            if isinstance(item, sd_jwt_vc.Prepared):
                sd_jwt_vc.seal(item, signer)
            else:
                data_integrity.seal(item, signer)
        return prepared

    label = "SD-JWT VC" if is_sd_jwt else "Data Integrity"
    note = "rules, prepare, rows, seal"
    first = issue()[0]
    if isinstance(first, sd_jwt_vc.Prepared):
        note += f"; {len(first.disclosures)} disclosures"
    size = "" if target is None else " of the target's size"
    found = ratio(issue, RAW.sign, effort, times=_COPIES)
    return Row(f"{label} issue, {name}{size}", found, SIGN, target, note=note)


def _peer_issue(name: str, effort: Effort) -> Row:
    """Compare with `sd-jwt` on the same claims, format alone: how many of ours are made in the time of one of its."""
    definition, claims = catalogue.load().get(name), sample_claims(name)
    shown = tuple(path for path in definition.selectable if path[0] in claims and _is_there(claims, path))
    signer, holder = SoftwareSigner.generate(), SoftwareSigner.generate().public_key
    names = TypeNames(definition.vct, definition.vct_integrity, (), (), shown)
    now = datetime.now(UTC)
    document = Document("https://issuer.example", "", {}, names, claims, now.replace(microsecond=0))

    def issue() -> bytes:
        return sd_jwt_vc.seal(sd_jwt_vc.prepare(document, holder, secrets.token_bytes, now), signer)

    times = ratio(issue, peer.issuing(claims, shown), effort)
    note = "format alone, the same claims and disclosures"
    return Row(f"SD-JWT VC issue, {name}, to sd-jwt 0.10.4", times, PEER, PEER_TARGETS[name], note=note)


def _authorization(ready: ReadySchool, invitation: Invitation, now: datetime) -> str:
    """Trade the link for a token, as a wallet does; returns the id of its row."""
    workshop = ready.workshop
    service = WalletService(workshop.database, AUDIT, workshop.secret, CopyMaker(workshop))
    code = code_of(service, ready.school, invitation.page.rpartition("/")[2], now)
    token = token_of(service, ready.school, code, now)["access_token"]
    with workshop.database.reading() as connection:
        found = store.authorization_by_token(connection, digest_of(token))
    assert found is not None
    return found.id


def _verify(name: str, format_name: str, effort: Effort, target: float | None = None) -> Row:
    """Verify one presentation: the steps of a report, with issuer list, chain, rules, proof and status list.

    With a target, of a presentation that shows as much as those that the target was set with.
    """
    bench = Bench.set_up(format_name)
    bench.document_name = name
    definition, claims = catalogue.load().get(name), sample_claims(name)
    shown = tuple(path for path in definition.selectable if path[0] in claims)
    if format_name == SD_JWT_VC:
        bench.paths = tuple(path for path in shown if _is_there(claims, path))
        if target is not None:
            bench.paths = _target_paths(name)
    presented = bench.present()
    query = bench.query
    data: Any = presented.decode("utf-8") if format_name == SD_JWT_VC else json.loads(presented)
    answer, challenge, assessor = (
        (Presentation(query.credentials[0], data),),
        Challenge(NONCE, AUDIENCE),
        bench.assessor(),
    )

    def verify() -> Any:
        return assessor.report(assessor.examine_answer(answer, challenge, bench.now), query, bench.now)

    assert all(check.outcome != "failed" for check in verify().credentials[0].checks)
    label = "SD-JWT VC" if format_name == SD_JWT_VC else "Data Integrity"
    note = "bytes to report, with every check"
    if format_name == SD_JWT_VC:
        note += f"; {presented.count(b'~') - 1} disclosures"
    size = "" if target is None else " of the target's size"
    return Row(f"{label} verify, {name}{size}", ratio(verify, RAW.verify, effort), VERIFY, target, note=note)


def _peer_verify(name: str, effort: Effort) -> Row:
    """Compare with `sd-jwt` on the same claims, format alone and with the holder's proof."""
    definition, claims = catalogue.load().get(name), sample_claims(name)
    shown = tuple(path for path in definition.selectable if path[0] in claims and _is_there(claims, path))
    signer, holder = SoftwareSigner.generate(), SoftwareSigner.generate()
    names = TypeNames(definition.vct, definition.vct_integrity, (), (), shown)
    now = datetime.now(UTC)
    document = Document("https://issuer.example", "", {}, names, claims, now.replace(microsecond=0))
    issued = sd_jwt_vc.seal(sd_jwt_vc.prepare(document, holder.public_key, secrets.token_bytes, now), signer)
    presented = sd_jwt_vc.present(issued, shown, holder, audience=AUDIENCE, nonce=NONCE, now=now)
    expected = Expected(nonce=NONCE, audience=AUDIENCE, holder_binding_required=True)

    def verify() -> object:
        parsed = sd_jwt_vc.parse(presented)
        return sd_jwt_vc.verify_presentation(parsed, signer.public_key, now=now, expected=expected)

    times = ratio(verify, peer.verifying(claims, shown), effort)
    note = "format alone, the same claims and disclosures"
    return Row(
        f"SD-JWT VC verify, {name}, to sd-jwt 0.10.4", times, PEER, PEER_VERIFY_TARGETS[name], note=note
    )


def _is_there(claims: Mapping[str, Any], path: ClaimPath) -> bool:
    return len(path) == 1 or isinstance(claims[str(path[0])], list)
