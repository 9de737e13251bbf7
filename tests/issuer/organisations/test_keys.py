"""Signing keys: made, certified, rotated, retired, compromised, opened."""

import base64
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from issuer.organisations import key_store, keys, store
from issuer.organisations.errors import CertificateForAnotherKey, KeyStateRefused, NoSigningKey
from issuer.organisations.key_store import KeyState, StoredKey
from issuer.organisations.keys import KeyRing
from tegata.errors import CryptographyFailed, Misconfigured, NotFound
from tegata.identity.certificates import KeyUse, OrganisationSubject, key_of_request
from tegata.keys import jwk
from tegata.keys.signer import DEFAULT_ALGORITHMS
from tests.issuer.installation import LATER, NOW, Installation, settings_for

HOUR = timedelta(hours=1)


def create(
    issuer: Installation, use: KeyUse = KeyUse.ACCESS_TOKEN, organisation: str = "a" * 32
) -> StoredKey:
    with issuer.database.writing() as connection:
        return issuer.ring.create(
            connection, tenant_id="b" * 32, organisation_id=organisation, use=use, now=NOW
        )


def stored(issuer: Installation, row_id: str) -> StoredKey:
    with issuer.database.reading() as connection:
        found = key_store.by_id(connection, row_id)
    assert found is not None
    return found


def test_a_key_without_certificates_signs_at_once(issuer: Installation) -> None:
    made = create(issuer)
    signer, active_from = issuer.ring.signer("a" * 32, KeyUse.ACCESS_TOKEN, NOW)
    assert signer.public_key.key_id == made.key_id
    assert active_from == NOW
    signer.public_key.verify(signer.sign(b"message"), b"message")


def test_an_organisation_without_keys_has_none_to_sign_with(small: Installation) -> None:
    create(small)
    for organisation, use in (("a" * 32, KeyUse.COPY), ("c" * 32, KeyUse.ACCESS_TOKEN)):
        with pytest.raises(NoSigningKey):
            small.ring.signer(organisation, use, NOW)


def test_a_key_signs_nothing_before_it_is_active(small: Installation) -> None:
    create(small)
    with pytest.raises(NoSigningKey):
        small.ring.signer("a" * 32, KeyUse.ACCESS_TOKEN, NOW - timedelta(seconds=1))


def test_a_key_that_waits_for_its_certificate_signs_nothing(small: Installation) -> None:
    made = create(small, KeyUse.DOCUMENT)
    assert made.state is KeyState.PENDING
    with pytest.raises(NoSigningKey):
        small.ring.signer("a" * 32, KeyUse.DOCUMENT, NOW)


def test_the_request_for_a_certificate_proves_possession(small: Installation) -> None:
    made = create(small, KeyUse.DOCUMENT)
    request = small.ring.certificate_request(made, OrganisationSubject("例示県"))
    assert jwk.thumbprint(key_of_request(request)) == made.key_id


def test_a_certified_key_signs_with_its_chain(issuer: Installation) -> None:
    issuer.initialise()
    school = issuer.school()
    signer, active_from = issuer.ring.signer(school, KeyUse.DOCUMENT, LATER)
    assert len(signer.certificates) == 2
    assert active_from == NOW


def test_activation_is_in_whole_seconds(small: Installation) -> None:
    small.initialise()
    school = small.school(now=NOW + timedelta(microseconds=700_000))
    for use in (KeyUse.DOCUMENT, KeyUse.ACCESS_TOKEN):
        assert small.ring.signer(school, use, LATER)[1] == NOW


def test_inside_a_transaction_its_own_writes_count(issuer: Installation) -> None:
    with issuer.database.writing() as connection:
        made = issuer.ring.create(
            connection, tenant_id="b" * 32, organisation_id="a" * 32, use=KeyUse.AUDIT, now=NOW
        )
        signer, _ = issuer.ring.signer("a" * 32, KeyUse.AUDIT, NOW, connection=connection)
    assert signer.public_key.key_id == made.key_id


def test_other_algorithms_are_sealed_and_opened_as_well(small: Installation) -> None:
    for algorithm in DEFAULT_ALGORITHMS:
        with small.database.writing() as connection:
            small.ring.create(
                connection,
                tenant_id="b" * 32,
                organisation_id=algorithm.value,
                use=KeyUse.AUDIT,
                now=NOW,
                algorithm=algorithm,
            )
        signer, _ = KeyRing(small.settings, small.database).signer(algorithm.value, KeyUse.AUDIT, NOW)
        assert signer.public_key.algorithm is algorithm


def test_rotation_ends_the_former_key_after_an_hour(issuer: Installation) -> None:
    former = create(issuer)
    with issuer.database.writing() as connection:
        latter = issuer.ring.create(
            connection, tenant_id="b" * 32, organisation_id="a" * 32, use=KeyUse.ACCESS_TOKEN, now=LATER
        )
    assert issuer.ring.signer("a" * 32, KeyUse.ACCESS_TOKEN, LATER)[0].public_key.key_id == latter.key_id
    ended = stored(issuer, former.id)
    assert (ended.state, ended.active_until) == (KeyState.RETIRED, LATER + HOUR)


def test_keys_of_other_uses_and_schools_stay_when_one_is_rotated(small: Installation) -> None:
    create(small)
    other_use, other_school = create(small, KeyUse.AUDIT), create(small, organisation="c" * 32)
    create(small)
    assert stored(small, other_use.id).state is KeyState.ACTIVE
    assert stored(small, other_school.id).state is KeyState.ACTIVE


def test_a_retired_key_signs_no_more(issuer: Installation) -> None:
    made = create(issuer)
    with issuer.database.writing() as connection:
        keys.retire(connection, made.id, at=LATER, now=LATER)
    with pytest.raises(NoSigningKey):
        issuer.ring.signer("a" * 32, KeyUse.ACCESS_TOKEN, LATER)
    with issuer.database.writing() as connection, pytest.raises(KeyStateRefused):
        keys.retire(connection, made.id, at=LATER, now=LATER)


def test_a_key_that_ends_later_signs_until_then(issuer: Installation) -> None:
    made = create(issuer)
    with issuer.database.writing() as connection:
        keys.retire(connection, made.id, at=LATER, now=NOW)
    assert issuer.ring.signer("a" * 32, KeyUse.ACCESS_TOKEN, LATER)[0].public_key.key_id == made.key_id
    with pytest.raises(NoSigningKey):
        issuer.ring.signer("a" * 32, KeyUse.ACCESS_TOKEN, LATER + timedelta(seconds=1))


def test_a_compromised_key_signs_no_more_in_any_process(issuer: Installation) -> None:
    made = create(issuer)
    issuer.ring.signer("a" * 32, KeyUse.ACCESS_TOKEN, NOW)
    with issuer.database.writing() as connection:
        keys.mark_compromised(connection, made.id, NOW)
    with pytest.raises(NoSigningKey):
        issuer.ring.signer("a" * 32, KeyUse.ACCESS_TOKEN, LATER)
    assert stored(issuer, made.id).compromised_from == NOW


def test_a_compromise_is_moved_earlier_but_never_later(issuer: Installation) -> None:
    made = create(issuer)
    with issuer.database.writing() as connection:
        keys.mark_compromised(connection, made.id, LATER)
        keys.mark_compromised(connection, made.id, NOW)
        with pytest.raises(KeyStateRefused):
            keys.mark_compromised(connection, made.id, LATER)
    assert stored(issuer, made.id).compromised_from == NOW


def test_keys_that_do_not_exist_are_not_found(small: Installation) -> None:
    with small.database.writing() as connection:
        with pytest.raises(NotFound):
            keys.retire(connection, "f" * 32, at=NOW, now=NOW)
        with pytest.raises(NotFound):
            keys.mark_compromised(connection, "f" * 32, NOW)
        with pytest.raises(NotFound):
            small.ring.install(connection, "f" * 32, (b"",), NOW)


def _chain(issuer: Installation, school: str) -> tuple[bytes, ...]:
    return issuer.ring.signer(school, KeyUse.DOCUMENT, NOW)[0].certificates


def test_a_certificate_for_another_key_is_refused(small: Installation) -> None:
    small.initialise()
    chain = _chain(small, small.school())
    made = create(small, KeyUse.DOCUMENT)
    with small.database.writing() as connection, pytest.raises(CertificateForAnotherKey):
        small.ring.install(connection, made.id, chain, NOW)
    assert stored(small, made.id).state is KeyState.PENDING


def test_a_certificate_outside_its_period_is_refused(small: Installation) -> None:
    small.initialise()
    chain = _chain(small, small.school())
    row = _document_key(small)
    with small.database.writing() as connection:
        for moment in (NOW - HOUR, NOW + timedelta(days=2_000)):
            with pytest.raises(CertificateForAnotherKey):
                small.ring.install(connection, row.id, chain, moment)


def _document_key(issuer: Installation) -> StoredKey:
    with issuer.database.reading() as connection:
        (school,) = store.schools(connection)
        (found,) = key_store.of_organisation(connection, school.id, uses=(KeyUse.DOCUMENT,))
    return found


def test_a_certificate_is_installed_only_once(issuer: Installation) -> None:
    issuer.initialise()
    chain = _chain(issuer, issuer.school())
    row = _document_key(issuer)
    with pytest.raises(KeyStateRefused), issuer.database.writing() as connection:
        issuer.ring.install(connection, row.id, chain, NOW)
    assert stored(issuer, row.id).state is KeyState.ACTIVE


def test_a_sealed_key_opens_only_in_its_row_and_with_its_key(small: Installation) -> None:
    made, other = create(small), create(small, KeyUse.AUDIT)
    moved = replace(made, sealed=other.sealed)
    with pytest.raises(CryptographyFailed):
        small.ring.certificate_request(moved, OrganisationSubject("例示県"))
    key = base64.b64encode(b"x" * 32).decode("ascii")
    settings = settings_for(small.settings.database_url, small.root_file.parent, key_encryption_key=key)
    with pytest.raises(CryptographyFailed):
        KeyRing(settings, small.database).signer("a" * 32, KeyUse.AUDIT, NOW)


def test_no_key_is_made_without_a_key_encryption_key(small: Installation) -> None:
    settings = settings_for(small.settings.database_url, small.root_file.parent, key_encryption_key=None)
    with small.database.writing() as connection, pytest.raises(Misconfigured):
        KeyRing(settings, small.database).create(
            connection, tenant_id="b" * 32, organisation_id="a" * 32, use=KeyUse.AUDIT, now=NOW
        )


def test_the_private_key_is_nowhere_in_a_row_or_its_text(small: Installation) -> None:
    made = create(small)
    assert "d" not in made.public_jwk
    assert "PRIVATE" not in repr(small.ring.signer("a" * 32, KeyUse.ACCESS_TOKEN, NOW))


def test_threads_share_a_key_ring(issuer: Installation) -> None:
    made = create(issuer)
    found: list[str] = []

    def sign() -> None:
        for _ in range(5):
            signer, _ = issuer.ring.signer("a" * 32, KeyUse.ACCESS_TOKEN, NOW)
            found.append(signer.public_key.key_id)

    threads = [threading.Thread(target=sign) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [made.key_id] * 20
