"""In which school a signed-in person acts, with which roles, and the frame that says so on every page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from issuer.console import store
from issuer.issuance.workshop import Workshop
from issuer.organisations import service as organisations
from issuer.organisations.school import School
from tegata.codec.dates import today
from tegata.errors import Forbidden, Text
from tegata.service.console import Frame, NavigationItem
from tegata.service.staff.principal import Principal, Role

SCHOOL_COOKIE = "tegata_issuer_school"
CLERK, APPROVER = Role.CLERK, Role.APPROVER
STAFF_OF_A_SCHOOL = frozenset({CLERK, APPROVER})
_CLERK_ONLY = frozenset({CLERK})
_ROLE_TEXT = {CLERK: Text("事務", "Clerk"), APPROVER: Text("承認者", "Approver")}


class NoSchool(Forbidden):
    """Somebody is signed in and works at no school."""

    kind = "no_school"
    text = Text(
        "担当する学校がありません。情報担当に、学校での役割を付けてもらってください。",
        "You have no role at a school. Ask your administrator for one.",
    )


@dataclass(frozen=True, slots=True)
class Seat:
    """A person, the school in whose name they act now, the roles they hold there, and where else they could act."""

    principal: Principal
    school: School
    roles: frozenset[Role]
    schools: tuple[School, ...]

    @property
    def actor(self) -> str:
        """The id under which the person is recorded."""
        return self.principal.account_id

    @property
    def is_clerk(self) -> bool:
        """Whether they prepare."""
        return CLERK in self.roles

    @property
    def is_approver(self) -> bool:
        """Whether they decide."""
        return APPROVER in self.roles


def take_seat(
    workshop: Workshop, connection: Connection, principal: Principal, wanted: str, now: datetime
) -> Seat:
    """Return where somebody acts: the school they chose if they work there, else their first; raises `NoSchool`."""
    schools = [
        school
        for tenant_id in sorted(principal.tenants(*STAFF_OF_A_SCHOOL))
        for school in organisations.schools_of(connection, tenant_id, today(now), workshop.settings)
        if roles_at(principal, school)
    ]
    if not schools:
        raise NoSchool("no role at a school")
    chosen = next((school for school in schools if school.id == wanted), schools[0])
    return Seat(principal, chosen, roles_at(principal, chosen), tuple(schools))


def roles_at(principal: Principal, school: School) -> frozenset[Role]:
    """Return which of a school's roles somebody holds there."""
    return frozenset(role for role in STAFF_OF_A_SCHOOL if principal.may(role, school.tenant_id, school.id))


def frame_of(connection: Connection, seat: Seat) -> Frame:
    """Return the frame of a page of this seat, with what waits for a decision counted."""
    school = seat.school
    waiting = store.count_waiting(connection, school.tenant_id, school.id) if seat.is_approver else 0
    entries = [
        (NavigationItem("/", Text("ホーム", "Home")), STAFF_OF_A_SCHOOL),
        (NavigationItem("/register", Text("名簿", "Register")), STAFF_OF_A_SCHOOL),
        (NavigationItem("/issue", Text("発行", "Issue")), _CLERK_ONLY),
        (NavigationItem("/requests", Text("申込み", "Requests")), _CLERK_ONLY),
        (NavigationItem("/approvals", Text("承認", "Approvals"), count=waiting), STAFF_OF_A_SCHOOL),
        (NavigationItem("/issued", Text("発行済み", "Issued")), STAFF_OF_A_SCHOOL),
        (NavigationItem("/settings", Text("設定", "Settings")), STAFF_OF_A_SCHOOL),
    ]
    return Frame(
        organisation=school.names,
        organisation_code=school.code,
        organisation_path="/settings",
        person=seat.principal.name,
        role=_role_text(seat),
        account_path="/account",
        sign_out_path="/sign-out",
        csrf=seat.principal.csrf_token,
        navigation=tuple(item for item, roles in entries if roles & seat.roles),
    )


def _role_text(seat: Seat) -> Text:
    held = [text for role, text in _ROLE_TEXT.items() if role in seat.roles]
    return Text("・".join(text.ja for text in held), ", ".join(text.en for text in held))
