"""The three questions of trust, at the edges of every period: rotation, compromise, closure, custodian."""

from datetime import UTC, datetime, timedelta

import pytest

from tegata.errors import Text
from tegata.identity.certificates import KeyUse
from tegata.identity.did import did_web
from tegata.identity.trust_list import (
    KeyNotTrusted,
    ListedKey,
    ListTooOld,
    NotPermitted,
    Right,
    TrustedOrganisation,
    TrustList,
    UnknownOrganisation,
    keys_of,
    may_issue,
    organisation_of,
)
from tegata.keys.software import SoftwareSigner

START = datetime(2026, 4, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
URI, OTHER = "https://issuer.example/s/0123", "https://issuer.example/s/4567"
GRADUATION = "https://w3id.org/tegata/vct/graduation/1"
FIRST, LATTER, STATUS = (SoftwareSigner.generate().public_key for _ in range(3))


def organisation(*keys: ListedKey, rights: tuple[Right, ...] = (), uri: str = URI) -> TrustedOrganisation:
    return TrustedOrganisation(
        identifier=uri,
        did=did_web(uri),
        names=Text("例示高校", "Example High"),
        establisher="例示県",
        corporate_number="7000020009997",
        school_code="D100299999903",
        board_code="009990",
        is_test=True,
        keys=keys,
        rights=rights,
    )


def listed(*organisations: TrustedOrganisation) -> TrustList:
    return TrustList(1, START, START + 7 * DAY, Text("運営", "Operator"), organisations)


def key(**changes: object) -> ListedKey:
    return ListedKey(**{"key": FIRST, "use": KeyUse.DOCUMENT, "active_from": START, **changes})


def test_an_organisation_is_found_by_its_uri_its_did_and_its_methods() -> None:
    found = organisation(key())
    trust_list = listed(found, organisation(uri=OTHER))
    for name in (URI, did_web(URI), f"{did_web(URI)}#{FIRST.key_id}", f"{URI}#x"):
        assert organisation_of(trust_list, name) is found


@pytest.mark.parametrize(
    "name", ["", "#", URI + "/", URI[:-1], URI.upper(), "did:web:other.example", "https://issuer.example/s"]
)
def test_an_organisation_that_is_not_listed_is_unknown(name: str) -> None:
    with pytest.raises(UnknownOrganisation):
        organisation_of(listed(organisation(key())), name)
    with pytest.raises(UnknownOrganisation):
        keys_of(listed(organisation(key())), name, uses=(KeyUse.DOCUMENT,), at=START)


def test_keys_are_found_by_use() -> None:
    trust_list = listed(organisation(key(), key(key=STATUS, use=KeyUse.STATUS)))
    found = keys_of(trust_list, URI, uses=(KeyUse.STATUS,), at=START)
    assert [item.key for item in found] == [STATUS]
    both = keys_of(trust_list, URI, uses=(KeyUse.DOCUMENT, KeyUse.STATUS), at=START)
    assert len(both) == 2
    with pytest.raises(KeyNotTrusted):
        keys_of(trust_list, URI, uses=(KeyUse.COPY,), at=START)
    with pytest.raises(KeyNotTrusted):
        keys_of(trust_list, URI, uses=(), at=START)


def test_the_url_of_a_method_selects_its_key_alone() -> None:
    trust_list = listed(organisation(key(), key(key=LATTER)))
    found = keys_of(trust_list, f"{did_web(URI)}#{LATTER.key_id}", uses=(KeyUse.DOCUMENT,), at=START)
    assert [item.key for item in found] == [LATTER]
    with pytest.raises(KeyNotTrusted):
        keys_of(trust_list, f"{did_web(URI)}#other", uses=(KeyUse.DOCUMENT,), at=START)
    with pytest.raises(KeyNotTrusted):
        keys_of(trust_list, f"{did_web(URI)}#{LATTER.key_id}", uses=(KeyUse.STATUS,), at=START)


def test_one_organisations_key_is_not_anothers() -> None:
    trust_list = listed(organisation(key()), organisation(key(key=LATTER), uri=OTHER))
    with pytest.raises(KeyNotTrusted):
        keys_of(trust_list, f"{did_web(OTHER)}#{FIRST.key_id}", uses=(KeyUse.DOCUMENT,), at=START)


@pytest.mark.parametrize(
    ("moment", "good"),
    [(-SECOND, False), (timedelta(), True), (DAY, True), (DAY + SECOND, False)],
)
def test_a_key_is_good_from_its_activation_to_its_end(moment: timedelta, good: bool) -> None:
    assert key(active_until=START + DAY).was_good(START + moment) is good


@pytest.mark.parametrize(("moment", "good"), [(DAY - SECOND, True), (DAY, False), (9 * DAY, False)])
def test_a_compromised_key_is_cut_off_from_its_instant(moment: timedelta, good: bool) -> None:
    assert key(compromised_from=START + DAY).was_good(START + moment) is good


def test_a_key_compromised_before_it_was_active_was_never_good() -> None:
    assert not key(compromised_from=START - DAY).was_good(START)


def test_rotation_breaks_nothing_that_was_right_then() -> None:
    change = START + 30 * DAY
    trust_list = listed(
        organisation(key(active_until=change + timedelta(hours=1)), key(key=LATTER, active_from=change))
    )

    def good(at: datetime) -> list[object]:
        return [item.key for item in keys_of(trust_list, URI, uses=(KeyUse.DOCUMENT,), at=at)]

    assert good(START) == [FIRST]
    assert good(change) == [FIRST, LATTER]
    assert good(change + DAY) == [LATTER]
    with pytest.raises(KeyNotTrusted):
        good(START - SECOND)


def right(**changes: object) -> Right:
    return Right(**{"document_type": GRADUATION, "school": URI, "valid_from": START, **changes})


def test_a_right_is_for_a_type_about_a_school_in_a_period() -> None:
    school = organisation(rights=(right(valid_until=START + DAY),))
    assert may_issue(school, GRADUATION, URI, at=START)
    assert may_issue(school, GRADUATION, URI, at=START + DAY)
    for document_type, about, at in (
        (GRADUATION, URI, START - SECOND),
        (GRADUATION, URI, START + DAY + SECOND),
        (GRADUATION, OTHER, START),
        (GRADUATION + "0", URI, START),
        ("", URI, START),
    ):
        with pytest.raises(NotPermitted):
            may_issue(school, document_type, about, at=at)


def test_a_right_that_was_given_again_counts_in_both_periods() -> None:
    school = organisation(
        rights=(right(valid_until=START + DAY), right(valid_from=START + 3 * DAY)),
    )
    assert may_issue(school, GRADUATION, URI, at=START).valid_until == START + DAY
    assert may_issue(school, GRADUATION, URI, at=START + 3 * DAY).valid_until is None
    with pytest.raises(NotPermitted):
        may_issue(school, GRADUATION, URI, at=START + 2 * DAY)


def test_after_a_closure_its_custodian_issues_and_old_credentials_stay_good() -> None:
    last = START + 365 * DAY
    closed = organisation(key(active_until=last), rights=(right(valid_until=last),))
    heir = organisation(
        key(key=LATTER), rights=(right(valid_from=last + SECOND, as_custodian=True),), uri=OTHER
    )
    assert may_issue(closed, GRADUATION, URI, at=last)
    assert keys_of(listed(closed, heir), URI, uses=(KeyUse.DOCUMENT,), at=last)
    with pytest.raises(NotPermitted):
        may_issue(closed, GRADUATION, URI, at=last + SECOND)
    assert may_issue(heir, GRADUATION, URI, at=last + SECOND).as_custodian
    for school, at in ((URI, last), (OTHER, last + SECOND)):
        with pytest.raises(NotPermitted):
            may_issue(heir, GRADUATION, school, at=at)


def test_a_list_decides_nothing_once_it_is_overdue() -> None:
    trust_list = listed()
    trust_list.check_fresh(START + 7 * DAY)
    with pytest.raises(ListTooOld) as refused:
        trust_list.check_fresh(START + 7 * DAY + SECOND)
    assert "判定できません" in refused.value.public.ja


def test_the_text_of_a_list_shows_no_organisation() -> None:
    assert "例示" not in repr(listed(organisation(key())))
