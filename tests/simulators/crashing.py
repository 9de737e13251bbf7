"""A process that works on a school's database until it dies at a failpoint, as in a power cut.

`python -m tests.simulators.crashing <action> <database url> <folder> <failpoint:n> [argument …]` ends by SIGKILL if the
point is passed, and with 0 if the action ends before.
"""

import pickle
import sys
from datetime import timedelta
from pathlib import Path

from issuer.base import AUDIT
from issuer.database import open_database
from issuer.issuance.approvals import approve
from issuer.issuance.batches import submit
from issuer.issuance.entitlements import claim_token
from issuer.issuance.sealer import Sealer
from issuer.issuance.workshop import Workshop, make_workshop
from issuer.redemption.service import RedemptionService
from issuer.status.files import write_lists
from issuer.status.service import Change, Reason, StatusService
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.service import WalletService
from tegata.codec.dates import today
from tegata.service import failpoints
from tegata.status.entries import Status
from tests.simulators.claiming import claim
from tests.simulators.school import NOW, settings_for


def open_workshop(url: str, folder: Path) -> Workshop:
    """Return the workshop of a database that `tests.simulators.school.build` made."""
    settings = settings_for(url, folder)
    return make_workshop(settings, open_database(settings))


def seal(workshop: Workshop) -> None:
    """Seal what is due."""
    Sealer(workshop).run_next(lambda: NOW)


def take_copy(workshop: Workshop, entitlement_id: str, public_id: str, configuration_id: str) -> None:
    """Claim one copy, as a wallet would."""
    with workshop.database.reading() as connection:
        school = workshop.school_by_public_id(connection, public_id, today(NOW))
    service = WalletService(workshop.database, AUDIT, workshop.secret, CopyMaker(workshop))
    token = claim_token(workshop.secret, entitlement_id)
    claim(service, school, token, NOW, configuration_id=configuration_id)


def revoke(workshop: Workshop, tenant_id: str, document_id: str) -> None:
    """Revoke one document."""
    service = StatusService(workshop.database, workshop.vault)
    later = NOW + timedelta(minutes=5)
    service.change(tenant_id, document_id, Change(Status.INVALID, Reason.ERROR), "clerk", later)


def ask(workshop: Workshop, tenant_id: str, batch_id: str) -> None:
    """Ask for the approval of a draft."""
    submit(workshop, tenant_id, batch_id, "clerk", NOW)


def decide(workshop: Workshop, tenant_id: str, batch_id: str, prepared: str) -> None:
    """Approve with a decision that the test prepared: the approver's passkey is not in this process."""
    principal, decision = pickle.loads(Path(prepared).read_bytes())  # noqa: S301  the test wrote it
    approve(workshop, principal, tenant_id, batch_id, decision, NOW)


def publish(workshop: Workshop, folder: str) -> None:
    """Write the status lists as files."""
    write_lists(workshop, Path(folder), NOW)


def redeem(workshop: Workshop, public_id: str, code: str, reference: str) -> None:
    """Use a single-use document up."""
    with workshop.database.reading() as connection:
        school = workshop.school_by_public_id(connection, public_id, today(NOW))
    later = NOW + timedelta(minutes=5)
    RedemptionService(workshop).redeem(school, code, later, reference=reference)


ACTIONS = {
    "publish": publish,
    "redeem": redeem,
    "seal": seal,
    "claim": take_copy,
    "revoke": revoke,
    "submit": ask,
    "approve": decide,
}


def main(action: str, url: str, folder: str, failpoint: str, *arguments: str) -> None:
    """Arm the failpoint and work."""
    workshop = open_workshop(url, Path(folder))
    failpoints.arm(failpoint)
    ACTIONS[action](workshop, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
