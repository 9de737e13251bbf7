"""For which organisation a signed-in person acts, and the frame that says so on every page."""

from dataclasses import dataclass

from sqlalchemy import Connection

from tegata.errors import Forbidden, Text
from tegata.service.console import Frame, NavigationItem
from tegata.service.staff.principal import Principal, Role
from verifier.console import store
from verifier.tenants import store as tenants
from verifier.tenants.store import Tenant

STAFF_OF_A_VERIFIER = frozenset({Role.VERIFIER_STAFF})
_ROLE_TEXT = Text("検証の担当", "Verifier staff")


class NoOrganisation(Forbidden):
    """Somebody is signed in and works for no organisation that verifies."""

    kind = "no_organisation"
    text = Text(
        "検証を担当する組織がありません。情報担当に、役割を付けてもらってください。",
        "You have no role at an organisation that verifies. Ask your administrator for one.",
    )


@dataclass(frozen=True, slots=True)
class Seat:
    """A person, and the organisation in whose name they ask and verify."""

    principal: Principal
    tenant: Tenant

    @property
    def actor(self) -> str:
        """The id under which the person is recorded."""
        return self.principal.account_id


def take_seat(connection: Connection, principal: Principal) -> Seat:
    """Return where somebody acts, their first organisation; raises `NoOrganisation`."""
    for tenant_id in sorted(principal.tenants(*STAFF_OF_A_VERIFIER)):
        tenant = tenants.by_id(connection, tenant_id)
        if tenant is not None and principal.may(Role.VERIFIER_STAFF, tenant_id):
            return Seat(principal, tenant)
    raise NoOrganisation("no role at an organisation that verifies")


def frame_of(connection: Connection, seat: Seat) -> Frame:
    """Return the frame of a page of this seat, with what could not be decided counted."""
    undecided = store.count_undecided(connection, seat.tenant.id)
    return Frame(
        organisation=seat.tenant.names,
        person=seat.principal.name,
        role=_ROLE_TEXT,
        account_path="/account",
        sign_out_path="/sign-out",
        csrf=seat.principal.csrf_token,
        navigation=(
            NavigationItem("/", Text("ホーム", "Home")),
            NavigationItem("/requests", Text("依頼と結果", "Requests and results"), count=undecided),
            NavigationItem("/verify", Text("ファイルの検証", "Verify a file")),
            NavigationItem("/trust", Text("発行機関の一覧", "List of issuers")),
            NavigationItem("/keys", Text("APIキー", "API keys")),
        ),
    )
