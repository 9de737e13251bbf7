"""Somebody of an organisation that verifies, at its pages: with a passkey in software, and signed in."""

from dataclasses import dataclass
from datetime import date

from tegata.doubles.authenticator import Authenticator
from tegata.service.staff.accounts import NewAccount
from tegata.service.staff.principal import Grant, Role
from tegata.service.staff.service import StaffService
from tests.issuer.console.visitor import Visitor
from tests.verifier.conftest import World
from verifier.app import build
from verifier.base import AUDIT, STAFF


@dataclass(frozen=True)
class Staff:
    """An account with a passkey; `token` is the value of its session's cookie."""

    account_id: str
    login: str
    authenticator: Authenticator
    token: str


def staff_service(world: World) -> StaffService:
    """Return the verifier's staff accounts."""
    return StaffService(world.verifier.settings, world.verifier.database, STAFF, AUDIT)


def add_staff(
    world: World, login: str, tenant_id: str = "", role: Role = Role.VERIFIER_STAFF, name: str = "入試 花子"
) -> Staff:
    """Add somebody with a role at an organisation, who registers a passkey by the invitation."""
    staff, settings, now = staff_service(world), world.verifier.settings, world.now()
    tenant_id = tenant_id or world.tenant_id
    with staff.database.writing() as connection:
        account = staff.accounts.create(connection, "test", NewAccount(tenant_id, login, name, name), now)
        grant = Grant(role, tenant_id, None, date(2026, 1, 1), None)
        staff.accounts.grant(connection, "test", account.id, grant, now)
        token = staff.accounts.invite(connection, "test", account.id, now)
    authenticator = Authenticator(settings.mode, settings.public_origin)
    options = staff.invitations.passkey_options(token, now)
    session = staff.invitations.accept_with_passkey(token, authenticator.create(options), "test", now)
    return Staff(account.id, login, authenticator, session.token)


def visitor(world: World, person: Staff | None = None) -> Visitor:
    """Return somebody at the pages: signed in by a ceremony, or nobody in particular."""
    found = Visitor(build(world.verifier, with_worker=False), world.verifier.settings.public_origin)
    if person is not None:
        found.sign_in(person.login, person.authenticator)
    return found
