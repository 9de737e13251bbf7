"""A document as ISO mdoc: what a wallet gets, signed with the school's certified signer, and when it ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import update

from issuer.base import AUDIT
from issuer.catalogue.service import is_mobile
from issuer.issuance.entitlements import Invitation, invite_batch
from issuer.issuance.tables import Document
from issuer.oid4vci.errors import UnknownConfiguration
from issuer.organisations import keys
from issuer.registrar import listing
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.service import WalletService
from schemas import catalogue
from tegata.codec import base64url
from tegata.formats import mdoc
from tegata.formats.credential import Verified
from tegata.identity.certificates import KeyUse
from tegata.identity.chain import validate_chain
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner
from tests.simulators import claiming
from tests.simulators.school import ReadySchool, build, settings_for

_document = Document.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables


@dataclass
class School:
    """A school that has sealed a graduation and a transcript, and the links to them."""

    ready: ReadySchool
    now: datetime
    service: WalletService
    links: dict[str, Invitation]

    def claim(
        self, link: str, configuration: str, holders: tuple[SoftwareSigner, ...] = ()
    ) -> list[mdoc.Parsed]:
        """Claim the document of a link, a copy for each key."""
        school, token = self.ready.school, self.links[link].page.rpartition("/")[2]
        code = claiming.code_of(self.service, school, token, self.now)
        access = claiming.token_of(self.service, school, code, self.now)["access_token"]
        holders = holders or (SoftwareSigner.generate(),)
        answer = claiming.credential_of(self.service, school, access, configuration, self.now, holders)
        return [mdoc.parse(base64url.decode(item["credential"])) for item in answer["credentials"]]

    def verify(self, parsed: mdoc.Parsed) -> Verified:
        """Verify a copy as somebody does who has the trust list."""
        with self.ready.workshop.database.reading() as connection:
            anchors = listing.mdoc_authorities(connection)
        chain = parsed.key_reference.certificates
        leaf = validate_chain(chain, anchors=anchors, at=self.now, use=KeyUse.MDOC_DS)
        assert leaf.uris == (self.ready.school.issuer,)
        return mdoc.verify(parsed, leaf.public_key, now=datetime.now(UTC) + timedelta(seconds=5))


def _school(folder: Any, *names: str) -> School:
    ready = build(settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder), datetime.now(UTC))
    workshop, now = ready.workshop, datetime.now(UTC)
    service = WalletService(workshop.database, AUDIT, workshop.secret, CopyMaker(workshop))
    links: dict[str, Invitation] = {}
    for name in names:
        batch = ready.sealed_batch(now, 1, names=(name,))
        (links[name],) = invite_batch(workshop, ready.school.tenant_id, batch, "clerk", now)
    return School(ready, now, service, links)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    found = _school(tmp_path_factory.mktemp("mobile"), "graduation", "transcript")
    yield found
    found.ready.workshop.database.dispose()


@pytest.mark.clause("OID4VCI 1.0 §A.2.4")
def test_a_copy_says_what_the_document_says_and_is_bound_to_the_wallets_key(school: School) -> None:
    holders = (SoftwareSigner.generate(), SoftwareSigner.generate())
    copies = [school.verify(item) for item in school.claim("graduation", "graduation-mdoc", holders)]
    definition = catalogue.load().get("graduation")
    assert definition.mdoc is not None
    for copy, holder in zip(copies, holders, strict=True):
        assert copy.types == (definition.mdoc.doctype,)
        claims = definition.mdoc.claims(copy.raw)
        assert {path[0] for path in definition.mandatory} <= set(claims)
        assert claims["school"]["code"] == school.ready.school.code
        assert copy.holder_key is not None
        assert jwk.thumbprint(copy.holder_key) == holder.public_key.key_id
    one, two = (copy.status["status_list"] for copy in copies)  # type: ignore[call-overload,index]  # a map
    assert one["uri"] == two["uri"]
    assert one["idx"] != two["idx"]


@pytest.mark.clause("ISO/IEC 18013-5 §9.1.2.4")
def test_it_ends_with_its_document_or_with_its_signers_certificate(school: School) -> None:
    (endless,) = school.claim("graduation", "graduation-mdoc")
    certificate = x509.load_der_x509_certificate(endless.key_reference.certificates[0])
    assert school.verify(endless).valid_until == certificate.not_valid_after_utc
    end = (school.now + timedelta(days=30)).replace(microsecond=0)
    document_id = school.links["transcript"].document_id
    with school.ready.workshop.database.writing() as connection:
        connection.execute(update(_document).where(_document.c.id == document_id).values(valid_until=end))
    (monthly,) = school.claim("transcript", "transcript-mdoc")
    assert school.verify(monthly).valid_until == end


def test_a_school_without_a_certified_signer_gives_none_away(tmp_path: Any) -> None:
    school = _school(tmp_path, "graduation")
    workshop, now = school.ready.workshop, datetime.now(UTC)
    definition = catalogue.load().get("graduation")
    with workshop.database.writing() as connection:
        assert is_mobile(connection, school.ready.school, definition)
        (stored,) = keys.key_store.active(connection, school.ready.school.id, KeyUse.MDOC_DS)
        keys.retire(connection, stored.id, at=now, now=now)
        assert not is_mobile(connection, school.ready.school, definition)
    with pytest.raises(UnknownConfiguration):
        school.claim("graduation", "graduation-mdoc")
    workshop.database.dispose()
