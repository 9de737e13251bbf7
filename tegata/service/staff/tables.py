"""The tables of staff accounts and sign-in, defined in the metadata of the service that has a console.

Secrets are never kept as they are: tokens as SHA-256 digests, passwords as argon2id hashes, TOTP secrets sealed.
`tenant_id` is the legal person; it is null for the operator's own people, who belong to none.
"""

from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from tegata.service.columns import Instant


@dataclass(frozen=True, slots=True)
class StaffTables:
    """The eight tables of a service's staff."""

    account: Table
    grant: Table
    passkey: Table
    secret: Table
    session: Table
    challenge: Table
    invitation: Table
    attempt: Table


def define_staff_tables(metadata: MetaData) -> StaffTables:
    """Add the staff tables to a service's metadata."""
    return StaffTables(
        account=_account(metadata),
        grant=_grant(metadata),
        passkey=_passkey(metadata),
        secret=_secret(metadata),
        session=_session(metadata),
        challenge=_challenge(metadata),
        invitation=_invitation(metadata),
        attempt=_attempt(metadata),
    )


def _account_id() -> Column[str]:
    return Column("account_id", String(32), ForeignKey("staff_account.id"), nullable=False, index=True)


def _account(metadata: MetaData) -> Table:
    """Define people. `login` is folded (NFKC, lower case); `state` is invited, active or closed."""
    return Table(
        "staff_account",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("tenant_id", String(32), nullable=True, index=True),
        Column("login", String(128), nullable=False, unique=True),
        Column("name", String(200), nullable=False),
        Column("name_latin", String(200), nullable=False),
        Column("state", String(16), nullable=False),
        Column("created_at", Instant(), nullable=False),
    )


def _grant(metadata: MetaData) -> Table:
    """Define roles of people, from one calendar day in Asia/Tokyo to another, both included.

    Without a school, a role counts for the whole tenant; without a tenant, for the installation.
    """
    return Table(
        "staff_grant",
        metadata,
        Column("id", String(32), primary_key=True),
        _account_id(),
        Column("tenant_id", String(32), nullable=True, index=True),
        Column("school_id", String(32), nullable=True),
        Column("role", String(32), nullable=False),
        Column("valid_from", Date, nullable=False),
        Column("valid_until", Date, nullable=True),
    )


def _passkey(metadata: MetaData) -> Table:
    """Define WebAuthn credentials: the id (base64url), public key (COSE), and what the authenticator said of itself."""
    return Table(
        "staff_passkey",
        metadata,
        Column("id", String(32), primary_key=True),
        _account_id(),
        Column("tenant_id", String(32), nullable=True),
        Column("credential_id", String(1400), nullable=False, unique=True),
        Column("public_key_cose", LargeBinary, nullable=False),
        Column("sign_count", Integer, nullable=False),
        Column("transports", String(200), nullable=False),
        Column("label", String(100), nullable=False),
        Column("backed_up", Boolean, nullable=False),
        Column("created_at", Instant(), nullable=False),
        Column("last_used_at", Instant(), nullable=True),
        Column("removed_at", Instant(), nullable=True),
    )


def _secret(metadata: MetaData) -> Table:
    """Define password and TOTP of an account: the second way to sign in, which cannot approve."""
    return Table(
        "staff_secret",
        metadata,
        Column("account_id", String(32), ForeignKey("staff_account.id"), primary_key=True),
        Column("tenant_id", String(32), nullable=True),
        Column("password_hash", String(300), nullable=False),
        Column("totp_sealed", LargeBinary, nullable=False),
        Column("totp_last_step", Integer, nullable=False),
        Column("created_at", Instant(), nullable=False),
    )


def _session(metadata: MetaData) -> Table:
    """Define signed-in browsers. `how` is passkey or password_totp; ended rows are deleted."""
    return Table(
        "staff_session",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("token_digest", String(64), nullable=False, unique=True),
        _account_id(),
        Column("tenant_id", String(32), nullable=True),
        Column("how", String(16), nullable=False),
        Column("csrf_secret", String(64), nullable=False),
        Column("created_at", Instant(), nullable=False),
        Column("last_seen_at", Instant(), nullable=False),
        Column("expires_at", Instant(), nullable=False, index=True),
    )


def _challenge(metadata: MetaData) -> Table:
    """Define ceremonies that have begun: for which purpose, account, session and context its one answer counts."""
    return Table(
        "staff_challenge",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("tenant_id", String(32), nullable=True),
        Column("purpose", String(32), nullable=False),
        Column("account_id", String(32), nullable=True),
        Column("session_id", String(32), nullable=True),
        Column("context_id", String(128), nullable=False),
        Column("nonce", LargeBinary, nullable=False),
        Column("challenge", String(43), nullable=False, unique=True),
        Column("created_at", Instant(), nullable=False),
        Column("expires_at", Instant(), nullable=False, index=True),
        Column("used_at", Instant(), nullable=True),
    )


def _invitation(metadata: MetaData) -> Table:
    """Define one-time links with which a person sets up the first passkey, or a password and TOTP."""
    return Table(
        "staff_invitation",
        metadata,
        Column("id", String(32), primary_key=True),
        _account_id(),
        Column("tenant_id", String(32), nullable=True),
        Column("token_digest", String(64), nullable=False, unique=True),
        Column("totp_sealed", LargeBinary, nullable=False),
        Column("created_at", Instant(), nullable=False),
        Column("expires_at", Instant(), nullable=False),
        Column("used_at", Instant(), nullable=True),
    )


def _attempt(metadata: MetaData) -> Table:
    """Define counts of wrong sign-ins in a row, counted per login and per source, both as keyed digests, and the rest they earned."""
    return Table(
        "staff_attempt",
        metadata,
        Column("key_digest", String(64), primary_key=True),
        Column("wrong", Integer, nullable=False),
        Column("rests", Integer, nullable=False),
        Column("resting_until", Instant(), nullable=True),
        Column("last_at", Instant(), nullable=False),
        Index("ix_staff_attempt_last_at", "last_at"),
    )
