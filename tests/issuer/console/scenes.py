"""Schools in every state that a page can show: one that has just begun, and one that is in the middle of its work."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import update

from issuer import samples
from issuer.base import STAFF
from issuer.issuance import approvals, requests, store
from issuer.issuance.batches import discard, draft, submit
from issuer.issuance.entitlements import Invitation, invite_batch, make_slip
from issuer.issuance.sealer import Progress, Sealer
from issuer.issuance.states import Submitted, expect
from issuer.issuance.tables import Batch, Entitlement
from issuer.organisations import service as organisations
from issuer.registrar.service import Grant as Permission
from issuer.status.service import Change, Reason, StatusService
from tegata.codec.dates import today
from tegata.service.staff import store as staff_store
from tegata.service.staff.principal import Grant, Role
from tegata.status.entries import Status
from tests.simulators.school import Person, ReadySchool, add_person

_batch = Batch.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_entitlement = Entitlement.__table__  # type: ignore[attr-defined]  # same
ISSUE_DATE = date(2026, 4, 1)
GRADUATION = ("graduation",)
SPREADSHEET = (
    "学籍番号,氏名,フリガナ,生年月日\r\n"
    "2023001,青葉　はるか,アオバ　ハルカ,2007-04-14\r\n"
    "2029999,新田　みどり,ニッタ　ミドリ,2008/13/04\r\n"
).encode("cp932")


class _EnoughError(Exception):
    """Sealing stops here, as if the process had ended."""


@dataclass(frozen=True)
class Scenes:
    """Ids of what is there, by what it shows."""

    ready: ReadySchool
    both: Person
    people: tuple[str, ...]
    learner: str
    withheld: str
    concealed: str
    draft: str
    submitted: str
    own: str
    issuing: str
    scheduled: str
    sealed: str
    bare: str
    returned: str
    discarded: str
    document: str
    suspended: str
    revoked: str
    received: str
    columns_job: str
    errors_job: str
    done_job: str
    links: dict[str, str]


def paths_of(ready: ReadySchool, made: Invitation) -> str:
    """Return the path of a claim page."""
    return made.page.removeprefix(ready.settings.public_origin)


def build_scenes(ready: ReadySchool, now: datetime) -> Scenes:
    """Bring a school with its register into every state."""
    people = ready.graduates(now)
    everyone = ready.learner_ids()
    withheld = next(item for item in everyone if item not in people)
    two = add_person(
        ready.settings,
        ready.staff,
        ready.school,
        "both@school.example",
        "試験 太郎",
        (Role.CLERK, Role.APPROVER),
        now,
    )
    sealed = _sealed(ready, people[:12], now)
    links = invite_batch(ready.workshop, ready.school.tenant_id, sealed, ready.clerk.account_id, now)
    bare = _sealed(ready, people[14:16], now)
    issuing = _half_sealed(ready, people, now)
    scheduled = _approved(ready, people[3:6], now, seal_at=now + timedelta(days=30))
    with ready.workshop.database.writing() as connection:
        made = requests.StoredRequest(
            id=requests.new_id(),
            tenant_id=ready.school.tenant_id,
            school_id=ready.school.id,
            learner_id=people[0],
            document_name="graduation",
            origin=requests.AT_DESK,
            purpose="奨学金の申込み",
            state=requests.OPEN,
            created_by=ready.clerk.account_id,
            created_at=now,
        )
        requests.add(connection, made)
    ready.register.set_concealed(
        ready.school, people[20], concealed=True, actor=ready.clerk.account_id, now=now
    )
    changes = StatusService(ready.workshop.database, ready.workshop.vault)
    for link, status, reason in (
        (links[1], Status.SUSPENDED, Reason.INVESTIGATION),
        (links[2], Status.INVALID, Reason.ERROR),
    ):
        changes.change(
            ready.school.tenant_id, link.document_id, Change(status, reason), ready.clerk.account_id, now
        )
    return Scenes(
        ready=ready,
        both=two,
        people=tuple(people),
        learner=people[0],
        withheld=withheld,
        concealed=people[20],
        draft=_draft(ready, people[:3], now),
        submitted=_submitted(ready, people[:11], now),
        own=_submitted(ready, people[4:6], now, two.account_id),
        issuing=issuing,
        scheduled=scheduled,
        sealed=sealed,
        bare=bare,
        returned=_returned(ready, people[:2], now),
        discarded=_discarded(ready, people[:2], now),
        document=links[0].document_id,
        suspended=links[1].document_id,
        revoked=links[2].document_id,
        received=links[3].document_id,
        columns_job=_columns_job(ready, now),
        errors_job=_errors_job(ready, now),
        done_job=_done_job(ready, now),
        links=_links(ready, links, now) | {"redeem": f"/s/{ready.school.public_id}/redeem"},
    )


def second_school(ready: ReadySchool, now: datetime) -> Person:
    """Enrol a school of the same legal person that may issue and has no register; returns its clerk and approver.

    The person who is both at the first school is both here as well.
    """
    profile = samples.profile()
    profile["school"] |= {
        "name": "例示県立みなと高等学校",
        "nameLatin": "Reiji Prefectural Minato High School",
        "schoolCode": "D100299999912",
    }
    earlier = now - timedelta(days=1)
    enrolled = ready.registrar.enrol(profile, earlier)
    ready.registrar.certification.certify_school_keys(enrolled.school_id, earlier)
    types = tuple(item.vct for item in ready.workshop.catalogue.documents)
    ready.registrar.grant(Permission(enrolled.school_id, types), earlier)
    with ready.workshop.database.reading() as connection:
        school = organisations.school(connection, enrolled.school_id, today(now), ready.settings)
    roles = (Role.CLERK, Role.APPROVER)
    person = add_person(ready.settings, ready.staff, school, "begin@school.example", "試験 初子", roles, now)
    with ready.staff.database.writing() as connection:
        account = staff_store.account_by_login(connection, STAFF, "both@school.example")
        assert account is not None
        for role in roles:
            grant = Grant(role, school.tenant_id, school.id, date(2026, 1, 1), None)
            ready.staff.accounts.grant(connection, "test", account.id, grant, now)
    return person


def _draft(
    ready: ReadySchool, people: Sequence[str], now: datetime, actor: str = "", seal_at: datetime | None = None
) -> str:
    desk = ready.desk if not actor else type(ready.desk)(ready.school.tenant_id, ready.school.id, actor)
    pairs = [(name, learner) for name in ("graduation", "transcript") for learner in people]
    return draft(ready.workshop, desk, pairs, ISSUE_DATE, now, seal_at=seal_at)


def submitted_batch(ready: ReadySchool, people: Sequence[str]) -> str:
    """Ask for approval of two documents of each of these people, now; returns the batch."""
    return _submitted(ready, people, datetime.now(UTC))


def _submitted(ready: ReadySchool, people: Sequence[str], now: datetime, actor: str = "") -> str:
    batch_id = _draft(ready, people, now, actor)
    submit(ready.workshop, ready.school.tenant_id, batch_id, actor or ready.clerk.account_id, now)
    return batch_id


def _approved(ready: ReadySchool, people: list[str], now: datetime, seal_at: datetime | None = None) -> str:
    batch_id = _draft(ready, people, now, seal_at=seal_at)
    tenant = ready.school.tenant_id
    submit(ready.workshop, tenant, batch_id, ready.clerk.account_id, now)
    with ready.workshop.database.reading() as connection:
        found = expect(store.batch(connection, tenant, batch_id), Submitted)
    decision = ready.decision(batch_id, found.digest, now)
    approvals.approve(ready.workshop, ready.approver.principal, tenant, batch_id, decision, now)
    return batch_id


def _sealed(ready: ReadySchool, people: list[str], now: datetime) -> str:
    batch_id = _approved(ready, people, now)
    assert Sealer(ready.workshop).run_next(lambda: now) == batch_id
    return batch_id


def _half_sealed(ready: ReadySchool, people: list[str], now: datetime) -> str:
    """A batch that another process seals, and stays half-way at."""
    batch_id = _approved(ready, people, now)

    def stop(progress: Progress) -> None:
        if progress.done:
            raise _EnoughError

    with contextlib.suppress(_EnoughError):
        Sealer(ready.workshop).run_next(lambda: now, stop)
    far = now + timedelta(days=365)
    with ready.workshop.database.writing() as connection:
        values = {"lease_owner": "somebody else", "lease_until": far}
        connection.execute(update(_batch).where(_batch.c.id == batch_id).values(**values))
    return batch_id


def _returned(ready: ReadySchool, people: list[str], now: datetime) -> str:
    batch_id = _submitted(ready, people, now)
    approvals.send_back(
        ready.workshop,
        ready.approver.principal,
        ready.school.tenant_id,
        batch_id,
        "発行日を確かめてください",
        now,
    )
    return batch_id


def _discarded(ready: ReadySchool, people: list[str], now: datetime) -> str:
    batch_id = _draft(ready, people, now)
    discard(ready.workshop, ready.school.tenant_id, batch_id, ready.clerk.account_id, now)
    return batch_id


def _columns_job(ready: ReadySchool, now: datetime) -> str:
    job_id, _ = ready.register.draft_import(
        ready.school, {"名簿.csv": SPREADSHEET}, actor=ready.clerk.account_id, now=now
    )
    return job_id


def _errors_job(ready: ReadySchool, now: datetime) -> str:
    checked = ready.register.check_import(
        ready.school, {"名簿.csv": SPREADSHEET}, actor=ready.clerk.account_id, now=now
    )
    return checked.job_id


def _done_job(ready: ReadySchool, now: datetime) -> str:
    content = b"userSourcedId,studentNumber,romajiFamilyName,romajiGivenName\r\n"
    uploads = {"romaji.csv": content}
    checked = ready.register.check_import(ready.school, uploads, actor=ready.clerk.account_id, now=now)
    ready.register.confirm_import(
        ready.school, checked.job_id, actor=ready.clerk.account_id, now=now, leave_out_errors=True
    )
    return checked.job_id


def _links(ready: ReadySchool, made: list[Invitation], now: datetime) -> dict[str, str]:
    """Bring claim links into each of their states; returns their paths."""
    tenant, actor = ready.school.tenant_id, ready.clerk.account_id
    slip = make_slip(ready.workshop, tenant, made[4].document_id, actor, now)
    resting = make_slip(ready.workshop, tenant, made[7].document_id, actor, now)
    changes = {
        made[5].entitlement_id: {"claim_until": now - timedelta(days=1)},
        made[6].entitlement_id: {"wallets_claimed": 3},
        resting.entitlement_id: {"wrong_attempts": 5, "locked_until": now + timedelta(days=30)},
        made[8].entitlement_id: {"wallets_claimed": 1},
    }
    with ready.workshop.database.writing() as connection:
        for entitlement_id, values in changes.items():
            connection.execute(
                update(_entitlement).where(_entitlement.c.id == entitlement_id).values(**values)
            )
    states = {
        "open": made[0],
        "stopped": made[1],
        "replaced": made[4],
        "slip": slip,
        "expired": made[5],
        "taken": made[6],
        "resting": resting,
        "again": made[8],
    }
    return {name: paths_of(ready, invitation) for name, invitation in states.items()}
