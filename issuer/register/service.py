"""The register's use cases: check an import, confirm or cancel it, conceal a learner.

A check stores the upload sealed, changes nothing in the register, and holds for the register as it was. Confirming
reads the upload again, compares again and writes everything in one transaction, or nothing.
"""

import hashlib
import secrets
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from issuer.organisations.school import School
from issuer.register import changes, english, jobs, store
from issuer.register import practice as practices
from issuer.register.changes import Context
from issuer.register.diff import LearnerDiff, compare, lacking
from issuer.register.errors import FileTooLarge, ImportEnded, NotChecked, RowsInError
from issuer.register.importers import files, reading
from issuer.register.importers.facts import Delivery, Fact, Format, by_id, by_number, number_differs
from issuer.register.importers.problems import Problem, shown
from issuer.register.importers.reading import Preview
from issuer.register.practice import Practice
from issuer.register.report import Report, ReportBuilder
from tegata.codec import json
from tegata.errors import Text
from tegata.service import failpoints
from tegata.service.audit import AuditTables, Entry, append
from tegata.service.database import Database
from tegata.service.vault import Vault

LIFETIME = timedelta(hours=24)
VAULT_PURPOSE = "issuer imports"
BEFORE_COMMIT = failpoints.define("import.before_commit")
AFTER_COMMIT = failpoints.define("import.after_commit")
_MAX_STAGED = 2 * files.MAX_UPLOAD

Group = tuple[str, Sequence[Fact]]


@dataclass(frozen=True, slots=True)
class ImportCheck:
    """A dry run that can be confirmed."""

    job_id: str
    report: Report


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What a confirmed import did, in people."""

    job_id: str
    new: int
    changed: int
    unchanged: int
    left_out: int


class RegisterService:
    """The use cases of one issuer installation; `vault` seals uploads while they wait."""

    def __init__(self, database: Database, audit: AuditTables, vault: Vault) -> None:
        self._database = database
        self._audit = audit
        self._vault = vault

    def draft_import(
        self, school: School, uploads: Mapping[str, bytes], *, actor: str, now: datetime, encoding: str = ""
    ) -> tuple[str, Preview]:
        """Keep a spreadsheet until its columns are matched; raises what reading it raises, and then keeps nothing."""
        preview = reading.preview(uploads, encoding)
        job = self._new_job(
            school,
            uploads,
            actor,
            now,
            "spreadsheet",
            {"mapping": None, "encoding": encoding, "kind": "spreadsheet"},
        )
        with self._database.writing() as connection:
            jobs.add(connection, job)
        return job.id, preview

    def check_import(
        self,
        school: School,
        uploads: Mapping[str, bytes],
        *,
        actor: str,
        now: datetime,
        mapping: Mapping[str, str] | None = None,
        encoding: str = "",
        kind: Format | None = None,
    ) -> ImportCheck:
        """Read an upload and compare it with the register; nothing in the register changes.

        `kind` says what the upload is, where its names and columns do not. Raises what `reading.read` raises; then
        nothing of the upload is kept.
        """
        options = {
            "mapping": None if mapping is None else dict(mapping),
            "encoding": encoding,
            "kind": kind,
            "practice": self._practice(school),
        }
        delivery = _read(school, uploads, options)
        job = self._new_job(school, uploads, actor, now, delivery.format, options)
        report, version = self._dry_run(school, delivery, _practice_of(options))
        sealed = self._vault.seal(report.as_json(), _report_place(job.id))
        with self._database.writing() as connection:
            jobs.purge(connection, now)
            jobs.add(connection, job)
            jobs.note_check(
                connection, job, report=sealed, version=version, counts=report.counts(), mapping=options
            )
        return ImportCheck(job.id, report)

    def check_draft(
        self, school: School, job_id: str, mapping: Mapping[str, str], *, now: datetime, encoding: str = ""
    ) -> ImportCheck:
        """Check a kept spreadsheet with the columns that a clerk matched, or check an import anew.

        Raises `NotFound`, `ImportEnded`, and what reading raises: the job stays open then, for another mapping.
        """
        job = self._open_job(school, job_id, now)
        options = {
            "mapping": dict(mapping) if mapping else None,
            "encoding": encoding,
            "kind": job.mapping.get("kind"),
            "practice": self._practice(school),
        }
        delivery = _read(school, self._uploads(job), options)
        report, version = self._dry_run(school, delivery, _practice_of(options))
        sealed = self._vault.seal(report.as_json(), _report_place(job.id))
        with self._database.writing() as connection:
            jobs.note_check(
                connection, job, report=sealed, version=version, counts=report.counts(), mapping=options
            )
        return ImportCheck(job.id, report)

    def preview(self, school: School, job_id: str, now: datetime, encoding: str = "") -> Preview:
        """Return the columns of a kept spreadsheet; raises `NotFound`, `ImportEnded`, and what reading raises."""
        return reading.preview(self._uploads(self._open_job(school, job_id, now)), encoding)

    def report(self, school: School, job_id: str, now: datetime) -> Report:
        """Return the report of a check that is still open; raises `NotFound`, `ImportEnded`, `NotChecked`."""
        job = self._open_job(school, job_id, now)
        if job.report is None:
            raise NotChecked(job.id)
        return Report(**self._vault.open(job.report, _report_place(job.id)))

    def confirm_import(
        self, school: School, job_id: str, *, actor: str, now: datetime, leave_out_errors: bool = False
    ) -> ImportResult:
        """Write a checked import in one transaction.

        Raises `NotFound`, `ImportEnded`, `NotChecked`, `RowsInError` unless the people in these rows are to be left
        out, and `RegisterChanged` if the register is not the one that was compared with.
        """
        job = self._open_job(school, job_id, now)
        if job.state != jobs.CHECKED:
            raise NotChecked(job.id)
        if job.counts["errors"] and not leave_out_errors:
            raise RowsInError(f"{job.counts['errors']} rows")
        delivery = _read(school, self._uploads(job), job.mapping)
        context = Context(school.tenant_id, school.id, actor, job.id, now)
        with self._database.writing() as connection:
            jobs.end(connection, job, state=jobs.CONFIRMED, actor=actor, now=now)
            changes.claim_version(connection, context, job.register_version)
            counted = ReportBuilder()
            for diffs in _diffs(connection, school, delivery, _practice_of(job.mapping)):
                self._write(connection, context, counted, diffs)
            done = Entry(school.tenant_id, actor, "register.import.confirmed", job.id, job.digest)
            append(connection, self._audit, now, done)
            failpoints.passing(BEFORE_COMMIT)
        failpoints.passing(AFTER_COMMIT)
        left_out = len(delivery.in_error)
        return ImportResult(job.id, counted.new, counted.changed, counted.unchanged, left_out)

    def cancel_import(self, school: School, job_id: str, *, actor: str, now: datetime) -> None:
        """Drop an import that is not confirmed; raises `NotFound`, `ImportEnded`."""
        with self._database.writing() as connection:
            job = jobs.load(connection, school.tenant_id, school.id, job_id)
            jobs.end(connection, job, state=jobs.CANCELLED, actor=actor, now=now)
            append(
                connection,
                self._audit,
                now,
                Entry(school.tenant_id, actor, "register.import.cancelled", job.id),
            )

    def set_concealed(
        self, school: School, learner_id: str, *, concealed: bool, actor: str, now: datetime
    ) -> None:
        """Hide a learner from every list, search and export, or show them again; raises `NotFound`."""
        action = "register.learner.concealed" if concealed else "register.learner.shown"
        with self._database.writing() as connection:
            changes.set_concealed(connection, school.tenant_id, school.id, learner_id, concealed=concealed)
            append(connection, self._audit, now, Entry(school.tenant_id, actor, action, learner_id))

    def _write(
        self, connection: Connection, context: Context, counted: ReportBuilder, diffs: Sequence[LearnerDiff]
    ) -> None:
        for diff in diffs:
            counted.add(diff)
        written = [diff for diff in diffs if diff]
        if not written:
            return
        touched = changes.apply(connection, context, written)
        entries = [
            Entry(
                context.tenant_id,
                context.actor,
                "register.learner.added" if diff.record is None else "register.learner.changed",
                learner_id,
            )
            for diff, learner_id in zip(written, touched, strict=True)
        ]
        append(connection, self._audit, context.now, *entries)

    def _dry_run(self, school: School, delivery: Delivery, practice: Practice) -> tuple[Report, int]:
        builder = ReportBuilder()
        with self._database.reading() as connection:
            version = store.register_version(connection, school.tenant_id, school.id)
            seen: set[str] = set()
            for diffs in _diffs(connection, school, delivery, practice):
                for diff in diffs:
                    builder.add(diff)
                    if diff.record is not None:
                        seen.add(diff.record.id)
            if delivery.lists_learners:
                _add_missing(connection, school, delivery, seen, builder)
            hidden = _concealed(connection, school)
        in_error = len(delivery.in_error) + delivery.unattributed
        problems = [replace(item, value="") if item.learner in hidden else item for item in delivery.problems]
        return builder.build(problems, in_error=in_error, encodings=delivery.encodings), version

    def _practice(self, school: School) -> Mapping[str, Any]:
        with self._database.reading() as connection:
            return practices.stored(connection, school.id)

    def _new_job(
        self,
        school: School,
        uploads: Mapping[str, bytes],
        actor: str,
        now: datetime,
        kind: Format,
        options: Mapping[str, object],
    ) -> jobs.Job:
        job_id = secrets.token_hex(16)
        digest = hashlib.sha256()
        for name in sorted(uploads):
            digest.update(hashlib.sha256(uploads[name]).digest())
        return jobs.Job(
            id=job_id,
            tenant_id=school.tenant_id,
            school_id=school.id,
            state=jobs.DRAFT,
            format=kind,
            digest=digest.hexdigest(),
            content=self._vault.seal_bytes(_pack(uploads), _content_place(job_id)),
            mapping=dict(options),
            report=None,
            register_version=0,
            counts=None,
            created_by=actor,
            created_at=now,
            expires_at=now + LIFETIME,
        )

    def _open_job(self, school: School, job_id: str, now: datetime) -> jobs.Job:
        with self._database.reading() as connection:
            job = jobs.load(connection, school.tenant_id, school.id, job_id)
        if job.state not in jobs.OPEN or job.expires_at <= now or job.content is None:
            raise ImportEnded(f"import {job.id} is {job.state}")
        return job

    def _uploads(self, job: jobs.Job) -> dict[str, bytes]:
        assert job.content is not None  # noqa: S101  `_open_job` saw to it
        return _unpack(self._vault.open_bytes(job.content, _content_place(job.id)))


def _read(school: School, uploads: Mapping[str, bytes], options: Mapping[str, Any]) -> Delivery:
    """Read an upload by the options kept with its job: a confirmation reads by the grading that the check read by."""
    return reading.read(
        uploads,
        school_code=school.code,
        mapping=options["mapping"],
        encoding=options["encoding"],
        kind=options.get("kind"),
        grading=_practice_of(options).grading,
    )


def _practice_of(options: Mapping[str, Any]) -> Practice:
    return practices.parse(options.get("practice", {}))


def _content_place(job_id: str) -> str:
    return f"import_job.content/{job_id}"


def _report_place(job_id: str) -> str:
    return f"import_job.report/{job_id}"


def _diffs(
    connection: Connection, school: School, delivery: Delivery, practice: Practice
) -> Iterator[list[LearnerDiff]]:
    """Compare some hundred learners at a time with the register; what stands against one becomes a problem."""
    identifiers = list(store.identifiers(connection, school.tenant_id, school.id))
    by_number: dict[str, list[str]] = {}
    for _, source_id, number, _, _ in identifiers:
        if number:
            by_number.setdefault(number, []).append(source_id)
    known_numbers = {by_id(source_id): number for _, source_id, number, _, _ in identifiers if number}
    groups = _resolved(delivery, by_number, known_numbers)
    names = list(groups)
    for start in range(0, len(names), store.CHUNK):
        chunk = names[start : start + store.CHUNK]
        sources = [name.split(":", 1)[1] for name in chunk]
        known = store.records_by_source(connection, school.tenant_id, school.id, sources)
        found = []
        for name, source_id in zip(chunk, sources, strict=True):
            diff = compare(name, known.get(source_id), groups[name])
            problems = [problem] if (problem := lacking(diff, groups[name])) else []
            problems += english.untitled_rows(diff, groups[name], practice)
            for problem in problems:
                delivery.problem(problem)
            if not problems:
                found.append(diff)
        yield found


def _resolved(
    delivery: Delivery, by_number: Mapping[str, Sequence[str]], known_numbers: Mapping[str, str]
) -> dict[str, Sequence[Fact]]:
    """Turn references by student number into references by identifier where the register knows the number."""
    groups: dict[str, Sequence[Fact]] = {}
    taken = {number: by_id(sources[0]) for number, sources in by_number.items()}
    for reference, facts in list(delivery.accepted()):
        kind, _, value = reference.partition(":")
        sources = by_number.get(value, ()) if kind == "number" else ()
        if len(sources) > 1:
            delivery.problem(_ambiguous(facts[0], reference))
            continue
        name = by_id(sources[0]) if sources else reference
        beside = delivery.numbers.get(reference, "")
        if beside and not delivery.lists_learners and known_numbers.get(reference, beside) != beside:
            delivery.problem(number_differs(facts[0].file, facts[0].row, beside, reference))
            continue
        number = value if kind == "number" else _number(facts)
        if number and taken.setdefault(number, name) != name:
            delivery.problem(_taken(facts[0], reference, number))
            continue
        groups[name] = [*groups[name], *facts] if name in groups else facts
    return groups


def _number(facts: Sequence[Fact]) -> str:
    stated = (fact.as_dict().get("student_number") for fact in facts if fact.kind == "learner")
    return next((str(number) for number in stated if number), "")


def _ambiguous(fact: Fact, reference: str) -> Problem:
    what = Text("同じ学籍番号の人が2人以上います。", "Two people or more have this student number.")
    fix = Text("識別子の列を加えます。", "Add a column with their identifiers.")
    return Problem(fact.file, fact.row, "", "", "number_ambiguous", what, fix, reference)


def _taken(fact: Fact, reference: str, number: str) -> Problem:
    what = Text("この学籍番号は、別の人のものです。", "This student number is somebody else's.")
    fix = Text(
        "番号を確かめます。同じ人なら、識別子をそろえます。",
        "Check the number. If it is the same person, use the same identifier.",
    )
    return Problem(fact.file, fact.row, "", shown(number), "number_taken", what, fix, reference)


def _concealed(connection: Connection, school: School) -> set[str]:
    """Return every reference to a learner under concealment: no value of theirs is shown, not even a wrong one."""
    found: set[str] = set()
    for _, source_id, number, _, is_concealed in store.identifiers(connection, school.tenant_id, school.id):
        if is_concealed:
            found |= {by_id(source_id), by_number(number)}
    return found


def _add_missing(
    connection: Connection, school: School, delivery: Delivery, seen: set[str], builder: ReportBuilder
) -> None:
    """Count who is at the school and not in the file; who is in it with an error is not missing."""
    named = {reference.split(":", 1)[1] for reference in delivery.in_error}
    enrolled = store.enrolled_ids(connection, school.tenant_id, school.id) - seen
    for learner_id, source_id, number, name, is_concealed in store.identifiers(
        connection, school.tenant_id, school.id
    ):
        if learner_id in enrolled and not named & {source_id, number}:
            builder.add_missing(learner_id, number, name, is_concealed=is_concealed)


def _pack(uploads: Mapping[str, bytes]) -> bytes:
    """Put an upload into one byte string: names and lengths, then the contents, compressed."""
    names = [[name, len(content)] for name, content in uploads.items()]
    head = json.dumps(names)
    return zlib.compress(len(head).to_bytes(4, "big") + head + b"".join(uploads.values()), 1)


def _unpack(packed: bytes) -> dict[str, bytes]:
    inflater = zlib.decompressobj()
    whole = inflater.decompress(packed, _MAX_STAGED)
    if inflater.unconsumed_tail:
        raise FileTooLarge("a staged upload")
    start = 4 + int.from_bytes(whole[:4], "big")
    found: dict[str, bytes] = {}
    for name, length in json.loads(whole[4:start]):
        found[name] = whole[start : start + length]
        start += length
    return found
