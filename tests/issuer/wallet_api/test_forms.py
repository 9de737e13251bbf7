"""The same document as an Open Badge and as a learner record: what a wallet gets, signed with the school's key for forms."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from issuer.base import AUDIT
from issuer.catalogue.service import forms_for
from issuer.issuance.entitlements import Invitation, invite_batch
from issuer.oid4vci.errors import UnknownConfiguration
from issuer.organisations import keys
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.service import WalletService
from schemas.education.checking import check
from tegata.formats import data_integrity
from tegata.formats.vcdm.subject import subject_identifier
from tegata.identity.certificates import KeyUse
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tests.schemas.education.support import errors as violations
from tests.schemas.education.support import standard
from tests.simulators import claiming
from tests.simulators.school import ReadySchool, build, settings_for

_HOLDER = SoftwareSigner.generate()


class School:
    """A school that has sealed a graduation and a transcript, and the links to them."""

    def __init__(self, ready: ReadySchool) -> None:
        self.ready, self.now = ready, datetime.now(UTC)
        workshop = ready.workshop
        self.service = WalletService(workshop.database, AUDIT, workshop.secret, CopyMaker(workshop))
        self.links: dict[str, Invitation] = {}
        for name in ("graduation", "transcript"):
            batch = ready.sealed_batch(self.now, 2, names=(name,))
            found = invite_batch(workshop, ready.school.tenant_id, batch, "clerk", self.now)
            self.links |= {f"{name}-{number}": link for number, link in enumerate(found)}

    def claim(self, link: str, configuration: str) -> dict[str, Any]:
        """Claim the document of a link in one configuration."""
        school, token = self.ready.school, self.links[link].page.rpartition("/")[2]
        code = claiming.code_of(self.service, school, token, self.now)
        access = claiming.token_of(self.service, school, code, self.now)["access_token"]
        answer = claiming.credential_of(self.service, school, access, configuration, self.now, (_HOLDER,))
        (item,) = answer["credentials"]
        found: dict[str, Any] = item["credential"]
        return found


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder = tmp_path_factory.mktemp("forms")
    ready = build(settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder), datetime.now(UTC))
    yield School(ready)
    ready.workshop.database.dispose()


@pytest.fixture(scope="module")
def badge(school: School) -> dict[str, Any]:
    return school.claim("graduation-0", "graduation-open-badge")


@pytest.fixture(scope="module")
def record(school: School) -> dict[str, Any]:
    return school.claim("transcript-0", "transcript-clr")


def _verify(school: School, credential: dict[str, Any]) -> None:
    workshop = school.ready.workshop
    signer, _ = workshop.keys.signer(school.ready.school.id, KeyUse.FORM, school.now)
    assert signer.public_key.algorithm is Algorithm.EDDSA
    parsed = data_integrity.parse(json.dumps(credential).encode(), workshop.contexts)
    assert parsed.key_reference.verification_method == (
        f"{school.ready.school.did}#{signer.public_key.key_id}"
    )
    data_integrity.verify(parsed, signer.public_key, now=datetime.now(UTC) + timedelta(seconds=5))


@pytest.mark.clause("Open Badges 3.0 §B.1.2")
def test_a_graduation_is_had_as_an_open_badge(school: School, badge: dict[str, Any]) -> None:
    check("open-badge", badge)
    assert violations(standard("1edtech", "ob_v3p0_achievementcredential_schema.json"), badge) == []
    assert badge["credentialSubject"]["id"] == subject_identifier(_HOLDER.public_key)
    assert badge["issuer"]["id"] == school.ready.school.did
    assert badge["proof"][0]["cryptosuite"] == "eddsa-rdfc-2022"
    _verify(school, badge)


@pytest.mark.clause("CLR 2.0 §B.1.2")
def test_a_transcript_is_had_as_a_record_whose_courses_are_signed(
    school: School, record: dict[str, Any]
) -> None:
    check("clr", record)
    assert violations(standard("1edtech", "clr_v2p0_clrcredential_schema.json"), record) == []
    _verify(school, record)
    courses = record["credentialSubject"]["verifiableCredential"]
    assert len(courses) > 1
    for course in courses:
        _verify(school, course)


def test_a_form_has_an_entry_of_its_own_for_revocation(badge: dict[str, Any], record: dict[str, Any]) -> None:
    entries = [badge["credentialStatus"], record["credentialStatus"]]
    assert {entry["statusPurpose"] for entry in entries} == {"revocation"}
    assert len({entry["statusListIndex"] for entry in entries}) == 2
    inner = record["credentialSubject"]["verifiableCredential"][0]["credentialStatus"]
    assert inner == record["credentialStatus"]


def test_a_document_has_no_form_that_it_is_not_made_for(school: School) -> None:
    with pytest.raises(UnknownConfiguration):
        school.claim("graduation-1", "graduation-clr")
    with pytest.raises(UnknownConfiguration):
        school.claim("transcript-1", "transcript-open-badge")


def test_a_school_whose_name_is_sensitive_gives_no_form_away(school: School) -> None:
    own = school.ready.school
    with school.ready.workshop.database.reading() as connection:
        assert [form.name for form in forms_for(connection, own, "graduation")] == ["open-badge"]
        assert forms_for(connection, replace(own, is_name_hidden=True), "graduation") == ()
        assert forms_for(connection, own, "enrolment") == ()


def test_a_school_without_a_key_for_forms_offers_none(tmp_path: Any) -> None:
    ready = build(settings_for(f"sqlite:///{tmp_path}/issuer.sqlite3", tmp_path), datetime.now(UTC))
    workshop, now = ready.workshop, datetime.now(UTC)
    with workshop.database.writing() as connection:
        (stored,) = keys.key_store.active(connection, ready.school.id, KeyUse.FORM)
        keys.retire(connection, stored.id, at=now, now=now)
    with workshop.database.reading() as connection:
        assert forms_for(connection, ready.school, "graduation") == ()
    workshop.database.dispose()
