"""The verifier put together: settings in, every service of it out. The only place that knows them all."""

from dataclasses import dataclass, replace
from datetime import timedelta

from schemas import catalogue as documents
from schemas.catalogue import Catalogue
from tegata.errors import TegataError
from tegata.service.api_keys.keys import ApiKeys
from tegata.service.database import Database
from tegata.service.outbound import Outbound
from tegata.service.vault import derive
from verifier.api.keys import REGISTRY
from verifier.base import AUDIT
from verifier.database import open_database
from verifier.settings import VerifierSettings
from verifier.signing.service import SigningService
from verifier.status_lists.service import StatusListService
from verifier.trust.service import TrustService
from verifier.verification.assessing import Assessor
from verifier.verification.policy import FILE, ONLINE, Policy
from verifier.wallet_api.service import PresentationService
from verifier.webhooks.service import WebhookService


@dataclass(frozen=True, slots=True)
class Verifier:
    """Everything that routes, pages and commands use."""

    settings: VerifierSettings
    database: Database
    outbound: Outbound
    catalogue: Catalogue
    trust: TrustService
    status_lists: StatusListService
    signing: SigningService
    assessor: Assessor
    file_policy: Policy
    presentations: PresentationService
    keys: ApiKeys
    webhooks: WebhookService


def assemble(settings: VerifierSettings) -> Verifier:
    """Build the verifier; nothing is fetched or written."""
    database = open_database(settings)
    outbound = Outbound(settings)
    trust = TrustService(settings, database, outbound)

    def anchors() -> tuple[bytes, ...]:
        try:
            return trust.anchors()
        except TegataError:
            return ()  # without one pinned, certificates are checked against our host alone

    signing = SigningService(settings, database, anchors)
    status_lists = StatusListService(settings, database, outbound)
    online = replace(
        ONLINE,
        accepts_test_identifiers=settings.test_identifiers,
        max_proof_age=timedelta(seconds=settings.max_proof_age),
        legacy=ONLINE.legacy | settings.accepted_old_forms,
    )
    catalogue = documents.load()
    assessor = Assessor(trust, status_lists, catalogue, documents.contexts(), online)
    webhooks = WebhookService(settings, database, outbound)
    return Verifier(
        settings=settings,
        database=database,
        outbound=outbound,
        catalogue=catalogue,
        trust=trust,
        status_lists=status_lists,
        signing=signing,
        assessor=assessor,
        file_policy=replace(
            FILE,
            accepts_test_identifiers=settings.test_identifiers,
            legacy=FILE.legacy | settings.accepted_old_forms,
        ),
        presentations=PresentationService(
            settings, database, signing, assessor, AUDIT, webhooks.request_closed
        ),
        keys=ApiKeys(REGISTRY, database, derive(settings.key_encryption_bytes(), "verifier api keys")),
        webhooks=webhooks,
    )
