"""A whole school, ready to issue: registrar, certified keys, staff with passkeys, and the sample register.

Built from the product's own use cases in this process; whoever tests HTTP builds the app on the same settings.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from issuer import samples
from issuer.base import AUDIT, STAFF
from issuer.database import Base, open_database
from issuer.issuance import store
from issuer.issuance.approvals import PURPOSE_BATCH, Decision, approve
from issuer.issuance.batches import Draftsman, candidates, draft, submit
from issuer.issuance.numbers import Numbering, set_numbering
from issuer.issuance.sealer import Sealer
from issuer.issuance.states import ApprovalMode, Submitted, expect
from issuer.issuance.workshop import Workshop, make_workshop
from issuer.organisations import service as organisations
from issuer.organisations.school import School
from issuer.register import practice as practices
from issuer.register import store as register_store
from issuer.register.service import VAULT_PURPOSE, RegisterService
from issuer.registrar.service import Grant as Permission
from issuer.registrar.service import Registrar
from issuer.settings import IssuerSettings
from schemas import catalogue
from tegata.codec.dates import today
from tegata.doubles.authenticator import Authenticator
from tegata.service.settings import Mode
from tegata.service.staff.accounts import NewAccount
from tegata.service.staff.principal import Grant, Principal, Role
from tegata.service.staff.service import StaffService
from tegata.service.vault import Vault

ORIGIN = "http://localhost:8001"
#: The graduates of the sample have left by then.
ISSUE_DATE = date(2026, 4, 1)
NOW = datetime(2026, 4, 1, 3, 20, 5, tzinfo=UTC)
KEK = base64.b64encode(bytes(range(32))).decode("ascii")


def settings_for(database_url: str, folder: Path, origin: str = ORIGIN, **more: object) -> IssuerSettings:
    """Return settings of a test installation."""
    values = {
        "mode": Mode.TEST,
        "public_origin": origin,
        "database_url": database_url,
        "data_directory": folder,
        "insecure_loopback": True,
        "loopback_origins": (origin,),
        "test_identifiers": True,
        "key_encryption_key": KEK,
    }
    return IssuerSettings(**(values | more))  # type: ignore[arg-type]  # pydantic checks them


@dataclass
class Person:
    """Somebody of the school's staff, with a passkey in software."""

    account_id: str
    principal: Principal
    authenticator: Authenticator


@dataclass
class ReadySchool:
    """The school and everything that its tests work with."""

    settings: IssuerSettings
    workshop: Workshop
    staff: StaffService
    register: RegisterService
    registrar: Registrar
    school: School
    clerk: Person
    approver: Person

    @property
    def desk(self) -> Draftsman:
        """The clerk at work."""
        return Draftsman(self.school.tenant_id, self.school.id, self.clerk.account_id)

    def graduates(self, now: datetime = NOW) -> list[str]:
        """Return the ids of the 38 learners who can be issued a certificate of graduation, in register order."""
        found = candidates(self.workshop, self.desk, ["graduation"], self.learner_ids(), ISSUE_DATE, now)
        return [item.record.id for item in found if not item.obstacles]

    def learner_ids(self) -> list[str]:
        """Return every learner's id by student number."""
        with self.workshop.database.reading() as connection:
            everyone = register_store.each_record(connection, self.school.tenant_id, self.school.id, None)
            return [record.id for record in sorted(everyone, key=lambda item: item.student_number)]

    def submitted_batch(
        self, names: tuple[str, ...] = ("graduation", "transcript"), now: datetime = NOW, people: int = 38
    ) -> str:
        """Draft and submit a batch for the first graduates; returns its id."""
        chosen = [(name, learner) for name in names for learner in self.graduates(now)[:people]]
        batch_id = draft(self.workshop, self.desk, chosen, ISSUE_DATE, now)
        submit(self.workshop, self.school.tenant_id, batch_id, self.clerk.account_id, now)
        return batch_id

    def decision(self, batch_id: str, digest: str, now: datetime, **more: object) -> Decision:
        """Return the approver's decision over a digest, signed with the passkey."""
        message = bytes.fromhex(digest)
        principal = self.approver.principal
        with self.workshop.database.writing() as connection:
            options = self.staff.begin_assertion(connection, principal, PURPOSE_BATCH, batch_id, message, now)
            answer = self.approver.authenticator.get(options)
            evidence = self.staff.finish_assertion(
                connection, principal, PURPOSE_BATCH, batch_id, message, answer, now
            )
        mode = ApprovalMode(str(more.get("mode", ApprovalMode.INDIVIDUAL)))
        return Decision(digest, evidence, mode, str(more.get("reason", "")))

    def approve(self, batch_id: str, digest: str, now: datetime = NOW) -> None:
        """Approve a batch with the approver's passkey."""
        decision = self.decision(batch_id, digest, now)
        approve(self.workshop, self.approver.principal, self.school.tenant_id, batch_id, decision, now)

    def approved_batch(self, now: datetime = NOW, people: int = 38, **more: tuple[str, ...]) -> str:
        """Draft, submit and approve a batch; returns its id."""
        batch_id = self.submitted_batch(more.get("names", ("graduation", "transcript")), now, people)
        with self.workshop.database.reading() as connection:
            batch = expect(store.batch(connection, self.school.tenant_id, batch_id), Submitted)
        self.approve(batch_id, batch.digest, now)
        return batch_id

    def sealed_batch(self, now: datetime = NOW, people: int = 38, **more: tuple[str, ...]) -> str:
        """Draft, submit, approve and seal a batch; returns its id."""
        batch_id = self.approved_batch(now, people, **more)
        assert Sealer(self.workshop).run_next(lambda: now) == batch_id
        return batch_id


def build(
    settings: IssuerSettings,
    now: datetime = NOW,
    *,
    with_register: bool = True,
    profile: dict[str, Any] | None = None,
    imports: Sequence[dict[str, bytes]] | None = None,
) -> ReadySchool:
    """Set everything up in an empty database, a day before `now` as far as keys and rights are concerned.

    The school is the sample one with its register, unless `profile` and `imports` are another's.
    """
    earlier = now - timedelta(days=1)
    database = open_database(settings)
    if not database.is_sqlite:
        database.upgrade()
    with database.writing() as connection:
        Base.metadata.create_all(connection)
    workshop = make_workshop(settings, database)
    registrar = Registrar(settings, database, workshop.keys)
    registrar.certification.initialise(earlier, operator="例示運営機構", operator_latin="Example Operator")
    profile = profile or samples.profile()
    enrolled = registrar.enrol(profile, earlier)
    registrar.certification.certify_school_keys(enrolled.school_id, earlier)
    every_type = tuple(item.vct for item in catalogue.load().documents)
    registrar.grant(Permission(enrolled.school_id, every_type), earlier)
    registrar.publish(earlier)
    numbering = profile["school"]["numbering"]
    with database.writing() as connection:
        chosen = Numbering(numbering["prefix"], numbering["pattern"])
        set_numbering(connection, enrolled.tenant_id, enrolled.school_id, chosen)
        practice = profile["school"].get("practice", {})
        practices.save(connection, enrolled.tenant_id, enrolled.school_id, practice)
        school = organisations.school(connection, enrolled.school_id, today(now), settings)
    staff = StaffService(settings, database, STAFF, AUDIT)
    clerk = add_person(settings, staff, school, "clerk@school.example", "試験 花子", (Role.CLERK,), now)
    approver = add_person(settings, staff, school, "head@school.example", "試験 一樹", (Role.APPROVER,), now)
    vault = Vault(settings.key_encryption_bytes(), VAULT_PURPOSE)
    register = RegisterService(database, AUDIT, vault)
    ready = ReadySchool(settings, workshop, staff, register, registrar, school, clerk, approver)
    for files in (imports or [samples.register()]) if with_register else []:
        checked = register.check_import(school, files, actor=clerk.account_id, now=now)
        register.confirm_import(school, checked.job_id, actor=clerk.account_id, now=now)
    return ready


def add_person(
    settings: IssuerSettings,
    staff: StaffService,
    school: School,
    login: str,
    name: str,
    roles: tuple[Role, ...],
    now: datetime,
) -> Person:
    """Add somebody with roles at the school, who registers a passkey by the invitation and is signed in."""
    with staff.database.writing() as connection:
        new = NewAccount(school.tenant_id, login, name, name)
        account = staff.accounts.create(connection, "test", new, now)
        for role in roles:
            grant = Grant(role, school.tenant_id, school.id, date(2026, 1, 1), None)
            staff.accounts.grant(connection, "test", account.id, grant, now)
        token = staff.accounts.invite(connection, "test", account.id, now)
    authenticator = Authenticator(settings.mode, settings.public_origin)
    options = staff.invitations.passkey_options(token, now)
    session = staff.invitations.accept_with_passkey(token, authenticator.create(options), "test", now)
    principal = staff.principal(session.token, now)
    assert principal is not None
    return Person(account.id, principal, authenticator)
