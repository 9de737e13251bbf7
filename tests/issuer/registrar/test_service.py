"""Enrolment, rights, closure, compromise, publication: what verifiers then read from the list."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from issuer.base import AUDIT
from issuer.organisations import store as organisations
from issuer.organisations.errors import NoSigningKey, UnknownSchool
from issuer.organisations.key_store import of_organisation
from issuer.registrar import store
from issuer.registrar.certification import SCHOOL_USES
from issuer.registrar.errors import GrantRefused, NotInitialised, NoTrustList
from issuer.registrar.service import Grant, permitted_types
from issuer.registrar.store import StoredList
from issuer.registrar.tables import TrustListVersion
from tegata.codec.dates import end_of_day, start_of_day, today
from tegata.errors import NotFound
from tegata.identity import trust_list_format
from tegata.identity.certificates import KeyUse
from tegata.identity.trust_list import (
    KeyNotTrusted,
    NotPermitted,
    TrustedOrganisation,
    TrustList,
    keys_of,
    may_issue,
    organisation_of,
)
from tests.issuer.installation import (
    GRADUATION,
    LATER,
    NOW,
    TRANSCRIPT,
    Installation,
    other_school,
    profile,
    university,
)

DAY = timedelta(days=1)


def identifier(issuer: Installation, school_id: str) -> str:
    with issuer.database.reading() as connection:
        school = organisations.school(connection, school_id)
    assert school is not None
    return issuer.settings.identifier_of(school.public_id)


def published(issuer: Installation, at: datetime = LATER) -> TrustList:
    stored = issuer.registrar.publish(at)
    return trust_list_format.load(stored.jws, anchors=(issuer.initialise(),), now=stored.issued_at)


def listed(issuer: Installation, school_id: str, at: datetime = LATER) -> TrustedOrganisation:
    return organisation_of(published(issuer, at), identifier(issuer, school_id))


def together(*work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=item) for item in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_enrolment_is_recorded_with_a_digest_and_no_names(small: Installation) -> None:
    enrolled = small.registrar.enrol(profile(), NOW, actor="clerk")
    with small.database.reading() as connection:
        (row,) = connection.execute(select(AUDIT.row)).mappings()
    assert (row["tenant_id"], row["actor"], row["action"], row["object_id"]) == (
        enrolled.tenant_id,
        "clerk",
        "organisation.enrol",
        enrolled.school_id,
    )
    assert len(row["digest"]) == 64


def test_the_list_says_what_verifiers_need(issuer: Installation) -> None:
    issuer.initialise()
    school_id = issuer.school()
    found = listed(issuer, school_id)
    assert found.did.startswith("did:web:issuer.example:s:")
    assert (found.names.ja, found.names.en) == ("例示県立みらい台高等学校", "Miraidai High School")
    assert (found.establisher, found.corporate_number) == ("例示県", "7000020009997")
    assert (found.school_code, found.board_code, found.is_test) == ("D100299999903", "009990", True)
    uses = {KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.FORM, KeyUse.MDOC_DS, KeyUse.STATUS, KeyUse.METADATA}
    assert {key.use for key in found.keys} == uses
    assert all(key.certificate and key.active_from == NOW and key.active_until for key in found.keys)
    for use in uses:
        signer, _ = issuer.ring.signer(school_id, use, LATER)
        (key,) = (item for item in found.keys if item.use is use)
        assert key.key.key_id == signer.public_key.key_id
        assert key.certificate == signer.certificates[0]
    assert found.rights[0].valid_from == start_of_day(today(NOW))
    assert may_issue(found, GRADUATION, found.identifier, at=LATER).as_custodian is False
    assert found.history[0]["name"] == "例示県立みらい台高等学校"


def test_the_operator_is_named_in_both_languages(small: Installation) -> None:
    small.initialise()
    found = published(small)
    assert (found.operator.ja, found.operator.en) == ("例示運営機構", "Example Operator")
    assert found.next_update - found.issued_at == timedelta(days=7)


def test_a_school_without_keys_is_not_listed(small: Installation) -> None:
    small.initialise()
    small.registrar.enrol(profile(), NOW)
    assert published(small).organisations == ()


def test_a_hidden_school_is_listed_under_its_establishers_name(small: Installation) -> None:
    small.initialise()
    found = listed(small, small.school(profile(school__nameHidden=True)))
    assert found.names.ja == "例示県"
    assert (found.school_code, found.history) == ("", ())


def test_publishing_again_returns_the_current_list(issuer: Installation) -> None:
    issuer.initialise()
    issuer.school()
    first = issuer.registrar.publish(NOW)
    assert issuer.registrar.publish(NOW + DAY) == first
    assert issuer.registrar.current_list() == first


def test_a_change_makes_the_next_list(small: Installation) -> None:
    small.initialise()
    school_id = small.school()
    first = small.registrar.publish(NOW)
    small.registrar.grant(Grant(school_id, (TRANSCRIPT,)), LATER)
    second = small.registrar.publish(LATER)
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.digest != second.digest


def test_a_list_is_renewed_when_half_its_time_is_over(small: Installation) -> None:
    small.initialise()
    small.school()
    small.registrar.publish(NOW)
    assert small.registrar.publish(NOW + 3 * DAY).sequence == 1
    assert small.registrar.publish(NOW + 4 * DAY).sequence == 2


def test_two_who_publish_at_once_never_make_two_lists_of_one_number(issuer: Installation) -> None:
    issuer.initialise()
    issuer.school()
    found: list[StoredList | BaseException] = []

    def publish() -> None:
        try:
            found.append(issuer.registrar.publish(LATER))
        except Exception as error:  # noqa: BLE001  what it is, is asserted below
            found.append(error)

    together(publish, publish, publish)
    lists = {item.digest for item in found if isinstance(item, StoredList)}
    others = {type(item).__name__ for item in found if not isinstance(item, StoredList)}
    assert len(lists) == 1
    assert others <= {"PublishedMeanwhile"}
    assert issuer.registrar.current_list().sequence == 1


def test_a_number_is_given_to_one_list_alone(issuer: Installation) -> None:
    stored = StoredList(1, b"x", "d", NOW, LATER)
    with issuer.database.writing() as connection:
        assert store.add_list(connection, stored)
        assert not store.add_list(connection, stored)
        assert store.newest_list(connection) == stored


def test_an_expired_trust_list_key_publishes_nothing_until_it_is_renewed(small: Installation) -> None:
    small.initialise()
    later = NOW + 1_200 * DAY
    with pytest.raises(NotInitialised):
        small.registrar.publish(later)
    small.initialise(later)
    assert small.registrar.publish(later).sequence == 1


def test_a_list_under_a_lost_anchor_is_followed_by_a_new_one(small: Installation) -> None:
    small.initialise()
    small.registrar.publish(NOW)
    with small.database.writing() as connection:
        connection.execute(update(TrustListVersion.__table__).values(jws=b"not a list"))
    assert small.registrar.publish(NOW).sequence == 2


def test_work_done_by_several_at_once_is_done_once(issuer: Installation) -> None:
    issuer.initialise()
    together(*[lambda: issuer.registrar.enrol(profile(), NOW)] * 3)
    school_id = issuer.registrar.enrol(profile(), NOW).school_id
    together(*[lambda: issuer.registrar.certification.certify_school_keys(school_id, NOW)] * 3)
    together(*[lambda: issuer.registrar.grant(Grant(school_id, (GRADUATION,)), NOW)] * 3)
    with issuer.database.reading() as connection:
        assert len(organisations.schools(connection)) == 1
        assert len(organisations.officers(connection, school_id)) == 1
        assert len(of_organisation(connection, school_id)) == len(SCHOOL_USES)
        assert len(store.permissions(connection, school_id)) == 1


def test_nothing_is_published_before_the_registrar_is_set_up(small: Installation) -> None:
    with pytest.raises(NotInitialised):
        small.registrar.publish(NOW)
    with pytest.raises(NoTrustList):
        small.registrar.current_list()
    with pytest.raises(NotInitialised):
        small.registrar.anchor_pem()


def test_a_right_is_granted_once(issuer: Installation) -> None:
    school_id = issuer.registrar.enrol(profile(), NOW).school_id
    both = Grant(school_id, (GRADUATION, TRANSCRIPT, GRADUATION))
    assert [item.document_type for item in issuer.registrar.grant(both, NOW)] == [GRADUATION, TRANSCRIPT]
    assert issuer.registrar.grant(both, NOW + DAY) == ()
    with issuer.database.reading() as connection:
        assert permitted_types(connection, school_id, today(NOW)) == {GRADUATION, TRANSCRIPT}
        assert permitted_types(connection, school_id, today(NOW) - DAY) == frozenset()


def test_a_right_with_an_end_is_extended_from_the_same_day(issuer: Installation) -> None:
    school_id = issuer.registrar.enrol(profile(), NOW).school_id
    until = today(NOW) + DAY
    issuer.registrar.grant(Grant(school_id, (GRADUATION,), valid_until=until), NOW)
    issuer.registrar.grant(Grant(school_id, (GRADUATION,)), NOW)
    with issuer.database.reading() as connection:
        assert permitted_types(connection, school_id, today(NOW) + 9 * DAY) == {GRADUATION}
        assert len(store.permissions(connection, school_id)) == 1


def test_a_right_ends_with_its_last_day_in_tokyo(small: Installation) -> None:
    small.initialise()
    school_id = small.school()
    last = date(2027, 3, 31)
    small.registrar.grant(Grant(school_id, (TRANSCRIPT,), valid_until=last), NOW)
    found = listed(small, school_id)
    assert may_issue(found, TRANSCRIPT, found.identifier, at=end_of_day(last))
    with pytest.raises(NotPermitted):
        may_issue(found, TRANSCRIPT, found.identifier, at=end_of_day(last) + timedelta(seconds=1))


@pytest.mark.parametrize("document_type", ["graduation", "http://x.example/", "", "https://" + "x" * 300])
def test_a_type_that_is_no_iri_is_refused(small: Installation, document_type: str) -> None:
    school_id = small.registrar.enrol(profile(), NOW).school_id
    with pytest.raises(GrantRefused):
        small.registrar.grant(Grant(school_id, (document_type,)), NOW)


def test_a_right_that_ends_before_it_begins_is_refused(small: Installation) -> None:
    school_id = small.registrar.enrol(profile(), NOW).school_id
    with pytest.raises(GrantRefused):
        small.registrar.grant(Grant(school_id, (GRADUATION,), valid_until=today(NOW) - DAY), NOW)


def test_rights_of_and_about_unknown_schools_are_refused(small: Installation) -> None:
    school_id = small.registrar.enrol(profile(), NOW).school_id
    for grant in (Grant("f" * 32, (GRADUATION,)), Grant(school_id, (GRADUATION,), "f" * 32)):
        with pytest.raises(UnknownSchool):
            small.registrar.grant(grant, NOW)


def test_a_closed_schools_credentials_stay_good_and_its_custodian_issues(issuer: Installation) -> None:
    issuer.initialise()
    closing, heir = issuer.school(), issuer.school(other_school())
    last = today(NOW) + 30 * DAY
    issuer.registrar.close_school(closing, last, LATER, custodian_id=heir)
    old, new = identifier(issuer, closing), identifier(issuer, heir)
    found = published(issuer)
    before, after = end_of_day(last), end_of_day(last) + timedelta(seconds=1)
    closed = organisation_of(found, old)
    assert (closed.closed_on, closed.successor) == (last.isoformat(), new)
    assert keys_of(found, old, uses=(KeyUse.DOCUMENT,), at=before)
    assert may_issue(closed, GRADUATION, old, at=before)
    with pytest.raises(NotPermitted):
        may_issue(closed, GRADUATION, old, at=after)
    for use in (KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.FORM, KeyUse.MDOC_DS):
        with pytest.raises(KeyNotTrusted):
            keys_of(found, old, uses=(use,), at=after)
        with pytest.raises(NoSigningKey):
            issuer.ring.signer(closing, use, after)
    assert issuer.ring.signer(closing, KeyUse.STATUS, after)
    custodian = organisation_of(found, new)
    assert may_issue(custodian, GRADUATION, old, at=after).as_custodian
    with pytest.raises(NotPermitted):
        may_issue(custodian, GRADUATION, old, at=before)


def test_a_school_may_close_without_a_custodian(small: Installation) -> None:
    small.initialise()
    school_id = small.school()
    small.registrar.close_school(school_id, today(NOW), LATER)
    found = listed(small, school_id)
    assert (found.closed_on, found.successor) == (today(NOW).isoformat(), "")


def test_a_compromised_key_is_cut_off_from_its_instant(issuer: Installation) -> None:
    issuer.initialise()
    school_id = issuer.school()
    signer, _ = issuer.ring.signer(school_id, KeyUse.COPY, NOW)
    since = NOW + timedelta(hours=1)
    issuer.registrar.mark_compromised(school_id, signer.public_key.key_id, since, LATER)
    found = published(issuer)
    name = identifier(issuer, school_id)
    assert keys_of(found, name, uses=(KeyUse.COPY,), at=since - timedelta(seconds=1))
    with pytest.raises(KeyNotTrusted):
        keys_of(found, name, uses=(KeyUse.COPY,), at=since)
    made = issuer.registrar.certification.certify_school_keys(school_id, LATER)
    assert [key.use for key in made] == [KeyUse.COPY]
    with pytest.raises(NotFound):
        issuer.registrar.mark_compromised(school_id, "other", since, LATER)


def test_rotation_keeps_both_keys_on_the_list(small: Installation) -> None:
    small.initialise()
    school_id = small.school()
    small.registrar.certification.certify_school_keys(school_id, LATER, rotate=(KeyUse.DOCUMENT,))
    found = published(small, LATER + DAY)
    name = identifier(small, school_id)
    before = keys_of(found, name, uses=(KeyUse.DOCUMENT,), at=NOW)
    after = keys_of(found, name, uses=(KeyUse.DOCUMENT,), at=LATER + DAY)
    overlap = keys_of(found, name, uses=(KeyUse.DOCUMENT,), at=LATER)
    assert before != after
    assert {item.key.key_id for item in overlap} == {item.key.key_id for item in (*before, *after)}


def test_schools_of_two_legal_persons_stand_on_one_list(small: Installation) -> None:
    small.initialise()
    schools = [small.school(), small.school(university())]
    found = published(small)
    assert {item.identifier for item in found.organisations} == {identifier(small, item) for item in schools}


def test_every_step_leaves_its_audit_row(issuer: Installation) -> None:
    issuer.initialise()
    first, second = issuer.school(), issuer.school(other_school())
    key, _ = issuer.ring.signer(first, KeyUse.COPY, NOW)
    issuer.registrar.mark_compromised(first, key.public_key.key_id, LATER, LATER)
    issuer.registrar.close_school(first, today(NOW), LATER, custodian_id=second)
    issuer.registrar.publish(LATER)
    with issuer.database.reading() as connection:
        actions = set(connection.execute(select(AUDIT.row.c.action)).scalars())
    assert actions >= {
        "registrar.operator",
        "certificate.root",
        "certificate.intermediate",
        "certificate.trust_list",
        "certificate.document",
        "certificate.copy",
        "certificate.status",
        "certificate.metadata",
        "key.access_token",
        "key.audit",
        "key.compromised",
        "organisation.enrol",
        "permission.grant",
        "school.close",
        "trust_list.publish",
    }
