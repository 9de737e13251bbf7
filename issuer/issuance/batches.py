"""Drafting a batch and asking for approval: who can be issued what, and what exactly is frozen."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from issuer.base import AUDIT
from issuer.catalogue.service import check_offered
from issuer.issuance import numbers, store
from issuer.issuance.digest import batch_digest, document_digest
from issuer.issuance.errors import CannotBeIssued, ContentRefused, NothingChosen, NumberTaken
from issuer.issuance.judging import NO_CODE_YET, Judge, judge
from issuer.issuance.states import BatchState, DocumentState, Draft, Submitted, expect
from issuer.issuance.store import StoredDocument
from issuer.issuance.workshop import Workshop
from issuer.redemption import codes
from issuer.register import store as register
from issuer.register.eligibility import Obstacle
from issuer.register.record import LearnerRecord
from issuer.register.travel import FARE_DISCOUNT
from schemas.catalogue import DocumentDefinition
from schemas.validation import validate
from tegata.codec.dates import end_of_day, school_year, today
from tegata.service import failpoints
from tegata.service.audit import Entry, append

MAX_DOCUMENTS = 50_000
AFTER_FREEZE = failpoints.define("batch.after_freeze")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One learner for one document type; with obstacles, it cannot be issued, and they say why.

    `record` is without course results and attendance, which were looked at and are many.
    """

    document: DocumentDefinition
    record: LearnerRecord
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class Draftsman:
    """Who drafts, for which school: what a staff session or a command fills in."""

    tenant_id: str
    school_id: str
    actor: str


def candidates(
    workshop: Workshop,
    desk: Draftsman,
    names: Sequence[str],
    learner_ids: Sequence[str],
    issue_date: date,
    now: datetime,
) -> list[Candidate]:
    """Look at every learner for every document, in order; nothing is stored (事前確認)."""
    with workshop.database.reading() as connection:
        school = workshop.school(connection, desk.school_id, issue_date)
        definitions = [
            check_offered(connection, workshop.catalogue, school, name, today(now)) for name in names
        ]
        wanted = list(dict.fromkeys(learner_ids))
        travellers = wanted if FARE_DISCOUNT in names else ()
        judging = judge(connection, school, issue_date, now, travellers=travellers)
        found: list[list[Candidate]] = [[] for _ in definitions]
        for record in register.each_record(connection, desk.tenant_id, desk.school_id, wanted):
            # What was judged is let go: the results of 20,000 learners never stand in memory together.
            kept = replace(record, results=(), attendance=())
            for item, looked in zip(definitions, found, strict=True):
                looked.append(Candidate(item, kept, judging.obstacles(item, record)))
    return [candidate for looked in found for candidate in looked]


def draft(
    workshop: Workshop,
    desk: Draftsman,
    chosen: Sequence[tuple[str, str]],
    issue_date: date,
    now: datetime,
    *,
    seal_at: datetime | None = None,
    requests: Mapping[tuple[str, str], str] | None = None,
) -> str:
    """Store a draft of (document name, learner id) pairs and return its id.

    Raises `NothingChosen`, `CannotBeIssued` for a learner with an obstacle (the dry run has shown it), `NotFound`.
    """
    pairs = list(dict.fromkeys(chosen))
    if not pairs or len(pairs) > MAX_DOCUMENTS:
        raise NothingChosen(f"{len(pairs)} documents")
    batch_id = secrets.token_hex(16)
    with workshop.database.writing() as connection:
        answered = dict(requests or {})
        judging = _check_candidates(workshop, connection, desk, pairs, answered, issue_date, now)
        for name, learner_id in pairs:
            if name == FARE_DISCOUNT and (request_id := judging.request_of(learner_id)):
                answered.setdefault((name, learner_id), request_id)
        values = {
            "id": batch_id,
            "tenant_id": desk.tenant_id,
            "school_id": desk.school_id,
            "reference": _reference(issue_date),
            "state": BatchState.DRAFT.value,
            "issue_date": issue_date,
            "seal_at": seal_at,
            "size": len(pairs),
            "created_by": desk.actor,
            "created_at": now,
        }
        store.add_batch(connection, values)
        rows = [
            {
                "id": secrets.token_hex(16),
                "tenant_id": desk.tenant_id,
                "school_id": desk.school_id,
                "batch_id": batch_id,
                "position": position,
                "learner_id": learner_id,
                "request_id": answered.get((name, learner_id)),
                "document_name": name,
                "state": DocumentState.DRAFT.value,
                "issue_date": issue_date,
            }
            for position, (name, learner_id) in enumerate(pairs)
        ]
        store.add_documents(connection, rows)
        append(connection, AUDIT, now, Entry(desk.tenant_id, desk.actor, "batch.drafted", batch_id))
    return batch_id


def _reference(issue_date: date) -> str:
    """Return a 受付番号 that can be read out: the 年度 and six characters."""
    return f"{school_year(issue_date)}-{''.join(secrets.choice(_CROCKFORD) for _ in range(6))}"


def _check_candidates(
    workshop: Workshop,
    connection: Connection,
    desk: Draftsman,
    pairs: Sequence[tuple[str, str]],
    requests: Mapping[tuple[str, str], str],
    issue_date: date,
    now: datetime,
) -> Judge:
    school = workshop.school(connection, desk.school_id, issue_date)
    learner_ids = list(dict.fromkeys(learner for _, learner in pairs))
    by_document: dict[str, set[str]] = {}
    for name, learner in pairs:
        by_document.setdefault(name, set()).add(learner)
    definitions = {
        name: check_offered(connection, workshop.catalogue, school, name, today(now)) for name in by_document
    }
    travellers = [learner for name, learner in pairs if name == FARE_DISCOUNT]
    judging = judge(
        connection,
        school,
        issue_date,
        now,
        travellers=travellers,
        requests={learner: requests.get((FARE_DISCOUNT, learner)) for learner in travellers},
    )
    seen = 0
    for record in register.each_record(connection, desk.tenant_id, desk.school_id, learner_ids):
        seen += 1
        for name, wanted in by_document.items():
            if record.id in wanted:
                judging.check(definitions[name], record)
    if seen != len(learner_ids):
        raise NothingChosen("a learner who is not in this school's register")
    return judging


def submit(workshop: Workshop, tenant_id: str, batch_id: str, actor: str, now: datetime) -> Submitted:
    """Freeze claims, issue date and numbers of every document, and ask for approval of their digest.

    One transaction: raises `CannotBeIssued` or `ContentRefused` with nothing frozen and no number taken.
    """
    with workshop.database.writing(durable=True) as connection:
        batch = expect(store.batch(connection, tenant_id, batch_id, lock=True), Draft)
        terms = batch.terms
        school = workshop.school(connection, terms.school_id, terms.issue_date)
        year = school_year(terms.issue_date)
        taken = iter(numbers.take(connection, tenant_id, terms.school_id, year, terms.size))
        numbering = numbers.numbering_of(connection, terms.school_id)
        digests: list[str] = []
        for chunk in store.every_document(connection, batch_id):
            learners = list(dict.fromkeys(item.learner_id for item in chunk))
            requests = {
                item.learner_id: item.request_id for item in chunk if item.document_name == FARE_DISCOUNT
            }
            judging = judge(
                connection,
                school,
                terms.issue_date,
                now,
                travellers=list(requests),
                requests=requests,
                counting=True,
            )
            records = {
                record.id: record
                for record in register.records(connection, tenant_id, terms.school_id, learners)
            }
            rows = []
            for item in chunk:
                sequence = next(taken)
                number = numbering.write(year, sequence)
                row = _freeze(workshop, connection, judging, item, records[item.learner_id], number)
                rows.append(row | {"b_sequence": sequence})
                digests.append(str(row["b_digest"]))
            names = (
                "state", "number", "sequence", "register_version", "valid_until", "claims", "salt", "digest",
            )  # fmt: skip
            try:
                store.change_documents(connection, names, rows)
            except IntegrityError:
                # One counter never gives a number twice; a format that was changed since may write one like another.
                raise NumberTaken("the number format writes a number twice") from None
        submitted = batch.submitted(batch_digest(digests), actor, now)
        store.move_batch(
            connection,
            batch_id,
            BatchState.DRAFT,
            BatchState.SUBMITTED,
            digest=submitted.digest,
            submitted_by=actor,
            submitted_at=now,
        )
        entry = Entry(tenant_id, actor, "batch.submitted", batch_id, submitted.digest)
        append(connection, AUDIT, now, entry)
    failpoints.passing(AFTER_FREEZE)
    return submitted


def _freeze(
    workshop: Workshop,
    connection: Connection,
    judging: Judge,
    item: StoredDocument,
    record: LearnerRecord,
    number: str,
) -> dict[str, Any]:
    definition = workshop.catalogue.get(item.document_name)
    code = codes.make() if definition.single_use else ""
    claims = judging.claims(definition, record, number, code)
    violations = validate(definition, claims)
    if violations:
        first = violations[0]
        # The pointer and the rule, never the value: it may be personal.
        raise ContentRefused(f"{first.rule} at {first.pointer}", public=first.text, clause=first.clause)
    if code:
        codes.add(connection, workshop.secret, item.tenant_id, item.school_id, item.id, code)
    salt = secrets.token_hex(16)
    expires = claims.get("date_of_expiry")
    return {
        "b_id": item.id,
        "b_state": DocumentState.FROZEN.value,
        "b_number": number,
        "b_register_version": record.version,
        "b_valid_until": None if expires is None else end_of_day(date.fromisoformat(expires)),
        "b_claims": workshop.vault.seal(claims, claims_place(item.id)),
        "b_salt": salt,
        "b_digest": document_digest(salt, item.document_name, number, item.issue_date, claims),
    }


def claims_place(document_id: str) -> str:
    """Return the vault's place for a document's claims."""
    return f"document.claims/{document_id}"


def claims_of(workshop: Workshop, item: StoredDocument) -> Mapping[str, Any]:
    """Open a document's frozen claims."""
    if item.claims is None:
        raise CannotBeIssued("nothing is frozen yet")
    claims: Mapping[str, Any] = workshop.vault.open(item.claims, claims_place(item.id))
    return claims


def preview(
    workshop: Workshop, tenant_id: str, document_id: str, now: datetime
) -> tuple[StoredDocument, Mapping[str, Any]]:
    """Return one document with the claims that it has, or would have: frozen ones, else the register's of today."""
    with workshop.database.reading() as connection:
        item = store.document(connection, tenant_id, document_id)
        if item.claims is not None:
            return item, claims_of(workshop, item)
        school = workshop.school(connection, item.school_id, item.issue_date)
        (record,) = register.records(connection, tenant_id, item.school_id, [item.learner_id])
        judging = judge(
            connection,
            school,
            item.issue_date,
            now,
            travellers=[item.learner_id] if item.document_name == FARE_DISCOUNT else (),
            requests={item.learner_id: item.request_id},
        )
    definition = workshop.catalogue.get(item.document_name)
    code = NO_CODE_YET if definition.single_use else ""
    return item, judging.claims(definition, record, "（未定）", code)


def discard(workshop: Workshop, tenant_id: str, batch_id: str, actor: str, now: datetime) -> None:
    """Drop a draft; no number was taken."""
    with workshop.database.writing() as connection:
        expect(store.batch(connection, tenant_id, batch_id, lock=True), Draft)
        store.move_batch(connection, batch_id, BatchState.DRAFT, BatchState.DISCARDED)
        store.move_documents(connection, batch_id, DocumentState.DISCARDED)
        append(connection, AUDIT, now, Entry(tenant_id, actor, "batch.discarded", batch_id))


def changed_learners(connection: Connection, tenant_id: str, school_id: str, batch_id: str) -> list[str]:
    """Return the learners whose register changed after their claims were frozen."""
    frozen = store.versions(connection, batch_id)
    current = register.versions(connection, tenant_id, school_id, list(frozen))
    return [learner for learner, version in frozen.items() if current.get(learner) != version]
