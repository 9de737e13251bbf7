"""Who somebody is and what they may do, as pure values."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody is trusted to do. Roles do not contain each other."""

    OPERATOR = "operator"
    REGISTRAR = "registrar"
    BOARD_ADMINISTRATOR = "board_administrator"
    CLERK = "clerk"
    APPROVER = "approver"
    VERIFIER_STAFF = "verifier_staff"


#: Roles over the whole installation; all others are always roles in one tenant.
INSTALLATION_ROLES = frozenset({Role.OPERATOR, Role.REGISTRAR})


class How(StrEnum):
    """How somebody signed in."""

    PASSKEY = "passkey"
    PASSWORD_TOTP = "password_totp"  # noqa: S105  the name of a way, not a password


@dataclass(frozen=True, slots=True)
class Grant:
    """One role, from one calendar day in Asia/Tokyo to another, both included."""

    role: Role
    tenant_id: str | None
    school_id: str | None
    valid_from: date
    valid_until: date | None

    def holds_on(self, day: date) -> bool:
        """Whether the role counts on that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person; `grants` are only those that hold now."""

    account_id: str
    tenant_id: str | None
    name: str
    name_latin: str
    how: How
    session_id: str
    signed_in_at: datetime
    grants: tuple[Grant, ...]
    csrf_token: str = field(repr=False)

    @property
    def can_approve(self) -> bool:
        """Whether the way of signing in is strong enough to approve; the role is another question."""
        return self.how is How.PASSKEY

    def has(self, role: Role) -> bool:
        """Whether the person holds the role anywhere."""
        return any(grant.role == role for grant in self.grants)

    def may(self, role: Role, tenant_id: str | None = None, school_id: str | None = None) -> bool:
        """Whether the person holds the role for this school of this tenant.

        Without a school the question is about the whole tenant, and a grant for one school is not enough. Without a
        tenant it is about the installation. A role over the installation holds for every tenant.
        """
        return any(
            grant.role == role
            and (
                grant.tenant_id is None
                or (grant.tenant_id == tenant_id and grant.school_id in {None, school_id})
            )
            for grant in self.grants
        )

    def tenants(self, *roles: Role) -> frozenset[str]:
        """Return the tenants in which the person holds one of the roles."""
        return frozenset(
            grant.tenant_id for grant in self.grants if grant.role in roles and grant.tenant_id is not None
        )

    def schools(self, tenant_id: str, *roles: Role) -> frozenset[str] | None:
        """Return the schools of a tenant in which the person holds one of the roles; None means all of them."""
        mine = [grant for grant in self.grants if grant.role in roles and grant.tenant_id == tenant_id]
        if any(grant.school_id is None for grant in mine):
            return None
        return frozenset(grant.school_id for grant in mine if grant.school_id is not None)
