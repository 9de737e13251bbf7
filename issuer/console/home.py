"""The first page of a school: what needs a person, what is under way; before first use, a list of what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select
from starlette.responses import Response

from issuer.base import STAFF
from issuer.catalogue.service import offered
from issuer.console import store
from issuer.console.office import Pages, Visit, see_other
from issuer.console.seat import SCHOOL_COOKIE, STAFF_OF_A_SCHOOL
from issuer.console.store import BatchLine
from issuer.issuance.states import BatchState
from issuer.organisations import key_store
from issuer.organisations.key_store import KeyState
from issuer.register.store import Filter, search
from tegata.codec.dates import school_year, today
from tegata.errors import NotFound, Text
from tegata.identity.certificates import KeyUse
from tegata.service.staff.principal import Role

_SOON = timedelta(days=90)
_YEAR = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the list before first use; `state` is a tag, `path` leads to where it is done."""

    text: Text
    state: str
    path: str = ""
    note: Text | None = None


def add(pages: Pages) -> None:
    """Add the first page, the settings and the change of school."""
    pages.get("/", home, STAFF_OF_A_SCHOOL)
    pages.get("/settings", settings, STAFF_OF_A_SCHOOL)
    pages.get("/school", schools, STAFF_OF_A_SCHOOL)
    pages.post("/school", change_school, STAFF_OF_A_SCHOOL)


def home(visit: Visit) -> Response:
    """Show what needs a person first."""
    with visit.reading() as connection:

        def lines(*states: BatchState, limit: int = 10) -> list[BatchLine]:
            return store.batch_lines(connection, visit.tenant_id, visit.school_id, list(states), limit)

        drafts = lines(BatchState.DRAFT)
        waiting = lines(BatchState.SUBMITTED, limit=50)
        under_way = lines(BatchState.APPROVED)
        sealed = lines(BatchState.SEALED, limit=5)
        returned = [line for line in lines(BatchState.RETURNED, limit=3) if _is_recent(line, visit.now)]
        tasks = tasks_of(visit, connection, has_issued=bool(sealed))
        keys = _keys(visit, connection)
    return visit.page(
        "home.html",
        drafts=drafts if visit.seat.is_clerk else [],
        waiting=waiting,
        under_way=under_way,
        sealed=sealed,
        returned=returned if visit.seat.is_clerk else [],
        tasks=[] if sealed else tasks,
        keys=[row for row in keys if row.until is not None and row.until - visit.now < _SOON],
        catalogue=visit.workshop.catalogue,
        year=school_year(today(visit.now)),
    )


def _is_recent(line: BatchLine, now: datetime) -> bool:
    return now - line.created_at < timedelta(days=30)


def tasks_of(visit: Visit, connection: Connection, *, has_issued: bool) -> list[Task]:
    """Return what has to be there before the first certificate, and what is there already."""
    granted = offered(connection, visit.workshop.catalogue, visit.seat.school, today(visit.now))
    has_key = any(row.use is KeyUse.DOCUMENT for row in _keys(visit, connection))
    has_approver = bool(_approvers(visit, connection))
    has_register = search(connection, visit.tenant_id, visit.school_id, Filter(), limit=1).total > 0
    is_ready = bool(granted) and has_key and has_approver and has_register

    def state(is_done: bool) -> str:
        return "done" if is_done else "not_started"

    by_registrar = Text("登録機関が行います。", "The registrar does this.")
    by_operator = Text(
        "情報担当が招待を送り、承認者が自分の端末で登録します。",
        "The administrator sends an invitation, and the approver registers on their own device.",
    )
    before = Text("上の準備が終わると始められます。", "It can start when the steps above are done.")
    can_issue = is_ready and visit.seat.is_clerk
    return [
        Task(
            Text("機関の登録", "Enrolment of the school"),
            state(bool(granted)),
            "",
            None if granted else by_registrar,
        ),
        Task(Text("署名用の鍵", "Keys for signing"), state(has_key), "", None if has_key else by_registrar),
        Task(
            Text("承認者のパスキー", "The approver's passkey"),
            state(has_approver),
            "",
            None if has_approver else by_operator,
        ),
        Task(
            Text("名簿", "Register"), state(has_register), "/register/import" if visit.seat.is_clerk else ""
        ),
        Task(
            Text("はじめての発行", "The first certificates"),
            "done" if has_issued else "not_started" if is_ready else "not_yet",
            "/issue" if can_issue else "",
            None if is_ready else before,
        ),
    ]


def _approvers(visit: Visit, connection: Connection) -> int:
    """Count the people who can approve here: the role, and a passkey."""
    grant, passkey = STAFF.grant, STAFF.passkey
    query = (
        select(func.count(grant.c.account_id.distinct()))
        .select_from(grant.join(passkey, passkey.c.account_id == grant.c.account_id))
        .where(
            grant.c.role == Role.APPROVER.value,
            grant.c.tenant_id == visit.tenant_id,
            (grant.c.school_id.is_(None)) | (grant.c.school_id == visit.school_id),
            passkey.c.removed_at.is_(None),
        )
    )
    return int(connection.execute(query).scalar_one())


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A signing key of the school that is in use."""

    use: KeyUse
    key_id: str
    since: datetime | None
    until: datetime | None


def _keys(visit: Visit, connection: Connection) -> list[KeyRow]:
    stored = key_store.of_organisation(connection, visit.school_id, states=[KeyState.ACTIVE])
    return [KeyRow(item.use, item.key_id, item.active_from, item.active_until) for item in stored]


def settings(visit: Visit) -> Response:
    """Show what is known of the school: names, codes, keys, what it may issue."""
    with visit.reading() as connection:
        granted = offered(connection, visit.workshop.catalogue, visit.seat.school, today(visit.now))
        keys = _keys(visit, connection)
        tasks = tasks_of(visit, connection, has_issued=True)
    return visit.page(
        "settings/school.html", school=visit.seat.school, offered=granted, keys=keys, tasks=tasks
    )


def schools(visit: Visit) -> Response:
    """Ask in whose name to act."""
    return visit.page("settings/schools.html", schools=visit.seat.schools)


def change_school(visit: Visit) -> Response:
    """Act in the name of another school from now on."""
    wanted = visit.form["school"]
    if wanted not in {school.id for school in visit.seat.schools}:
        raise NotFound("not one of the person's schools")
    answer = see_other("/")
    answer.set_cookie(
        SCHOOL_COOKIE,
        wanted,
        max_age=_YEAR,
        secure=visit.workshop.settings.is_secure,
        httponly=True,
        samesite="lax",
    )
    return answer
