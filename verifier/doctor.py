"""What `tegata doctor` looks at in a verifier, and what to do about what is not well."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tegata.errors import TegataError
from tegata.service.description import Finding
from verifier import settings as configuration
from verifier.assembly import Verifier, assemble
from verifier.oid4vp.request import Prefix

_SOON = timedelta(days=30)
#: No certificate and no list is older than this project.
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


def findings() -> Sequence[Finding]:
    """Look at everything, with the environment's settings."""
    verifier = assemble(configuration.load())
    try:
        return look_at(verifier, datetime.now(UTC))
    finally:
        verifier.database.dispose()


def look_at(verifier: Verifier, now: datetime) -> tuple[Finding, ...]:
    """Look at one verifier at one time."""
    database = _database(verifier)
    found = [_clock(now), database, _anchor(verifier)]
    if database.is_well:
        found += [_trust_list(verifier, now), _certificate(verifier, now)]
    return tuple(found)


def _clock(now: datetime) -> Finding:
    return Finding(
        f"clock: {now.isoformat(timespec='seconds')}",
        is_well=now >= _EARLIEST,
        advice="時計を合わせてください（NTP）。 Set the clock (NTP).",
    )


def _database(verifier: Verifier) -> Finding:
    try:
        pending = verifier.database.pending_migrations()
    except Exception as error:  # noqa: BLE001  any driver's error is the finding
        return Finding(
            "database", is_well=False, advice=f"接続できません。 Cannot connect: {type(error).__name__}"
        )
    return Finding(
        "database: migrations",
        is_well=not pending,
        advice="tegata db upgrade を実行してください。 Run tegata db upgrade.",
    )


def _anchor(verifier: Verifier) -> Finding:
    try:
        count = len(verifier.trust.anchors())
    except TegataError as error:
        return Finding("trust anchor", is_well=False, advice=f"{error.public.ja} {error.public.en}")
    return Finding(f"trust anchor: {count}", is_well=True)


def _trust_list(verifier: Verifier, now: datetime) -> Finding:
    snapshot = verifier.trust.current(now)
    if snapshot is None:
        return Finding(
            "list of issuers",
            is_well=False,
            advice="tegata-verifier trust load FILE、または trust_list_url。 Load a list, or set trust_list_url.",
        )
    trust_list = snapshot.trust_list
    return Finding(
        f"list of issuers: {trust_list.sequence}, {trust_list.issued_at.isoformat()}",
        is_well=now <= trust_list.next_update,
        advice="一覧が古くなっています。 The list is too old: load a newer one.",
    )


def _certificate(verifier: Verifier, now: datetime) -> Finding:
    subject = "request-signing certificate"
    if verifier.settings.client_id_prefix is Prefix.REDIRECT_URI:
        return Finding(f"{subject}: not used in tests", is_well=True)
    ends = verifier.signing.not_after()
    if ends is None:
        return Finding(subject, is_well=False, advice="tegata-verifier csr → install-certificate")
    return Finding(
        f"{subject}: until {ends.date().isoformat()}",
        is_well=ends - now > _SOON,
        advice="期限が近いか切れています。 It ends soon, or has ended: tegata-verifier csr → install-certificate.",
    )
