"""Approving with a passkey, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from tegata.errors import MalformedInput
from tegata.service.staff.ceremonies import REGISTER, SIGN_IN
from tegata.service.staff.errors import PasskeyCloned, PasskeyNeeded, PasskeyRefused
from tegata.service.staff.evidence import ApprovalEvidence, verify_evidence
from tegata.service.staff.principal import Principal
from tests.tegata.service.conftest import ORIGIN
from tests.tegata.service.staff.conftest import NOW, TABLES, Person, Staff

PURPOSE, BATCH = "approve_batch", "batch-1"
MESSAGE = b"the digest of a batch"


def begin(staff: Staff, principal: Principal, message: bytes = MESSAGE) -> dict[str, Any]:
    with staff.database.writing() as connection:
        return staff.service.begin_assertion(connection, principal, PURPOSE, BATCH, message, NOW)


def finish(staff: Staff, principal: Principal, answer: Any, **changes: Any) -> ApprovalEvidence:
    values: dict[str, Any] = {"purpose": PURPOSE, "context_id": BATCH, "message": MESSAGE, "now": NOW}
    with staff.database.writing() as connection:
        return staff.service.finish_assertion(connection, principal, answer=answer, **values | changes)


@pytest.fixture
def person(staff: Staff) -> Person:
    return staff.person()


def test_an_approval_leaves_evidence_that_holds_without_the_service(staff: Staff, person: Person) -> None:
    principal = staff.signed_in(person)
    found = finish(staff, principal, person.authenticator.get(begin(staff, principal)))
    with staff.database.reading() as connection:
        public_key = staff.service.ceremonies.public_key(connection, found)
    assert public_key is not None
    kept = ApprovalEvidence.from_json(found.to_json())
    assert kept == found
    verify_evidence(kept, public_key, MESSAGE, "localhost", ORIGIN)
    with pytest.raises(PasskeyRefused):
        verify_evidence(kept, public_key, MESSAGE + b"!", "localhost", ORIGIN)


def test_the_options_ask_for_the_persons_own_passkeys_and_user_verification(
    staff: Staff, person: Person
) -> None:
    staff.person("other")
    options = begin(staff, staff.signed_in(person))
    assert len(options["allowCredentials"]) == 1
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"


def test_an_answer_approves_only_once(staff: Staff, person: Person) -> None:
    principal = staff.signed_in(person)
    answer = person.authenticator.get(begin(staff, principal))
    finish(staff, principal, answer)
    with pytest.raises(PasskeyRefused, match="used before"):
        finish(staff, principal, answer)


def test_what_changed_after_the_ceremony_began_is_not_approved(staff: Staff, person: Person) -> None:
    principal = staff.signed_in(person)
    answer = person.authenticator.get(begin(staff, principal))
    with pytest.raises(PasskeyRefused, match="changed"):
        finish(staff, principal, answer, message=b"another digest")


@pytest.mark.parametrize(
    "changes",
    [{"purpose": "revoke"}, {"context_id": "batch-2"}, {"now": NOW + timedelta(minutes=5)}],
    ids=["purpose", "context", "time"],
)
def test_an_answer_counts_for_its_own_step_only(
    staff: Staff, person: Person, changes: dict[str, Any]
) -> None:
    principal = staff.signed_in(person)
    answer = person.authenticator.get(begin(staff, principal))
    with pytest.raises(PasskeyRefused):
        finish(staff, principal, answer, **changes)


def test_a_refused_answer_leaves_the_challenge_open(staff: Staff, person: Person) -> None:
    principal = staff.signed_in(person)
    options = begin(staff, principal)
    person.authenticator.verifies_user = False
    with pytest.raises(PasskeyRefused):
        finish(staff, principal, person.authenticator.get(options))
    person.authenticator.verifies_user = True
    assert finish(staff, principal, person.authenticator.get(options)).nonce


def test_an_answer_counts_in_its_own_session_only(staff: Staff, person: Person) -> None:
    first, second = staff.signed_in(person), staff.signed_in(person)
    answer = person.authenticator.get(begin(staff, first))
    with pytest.raises(PasskeyRefused, match="another step"):
        finish(staff, second, answer)


def test_another_persons_challenge_cannot_be_answered(staff: Staff, person: Person) -> None:
    other = staff.person("other")
    mine, theirs = staff.signed_in(person), staff.signed_in(other)
    options = begin(staff, theirs) | {"allowCredentials": []}
    with pytest.raises(PasskeyRefused, match="another step"):
        finish(staff, mine, person.authenticator.get(options))


def test_another_persons_passkey_cannot_answer(staff: Staff, person: Person) -> None:
    other = staff.person("other")
    options = begin(staff, staff.signed_in(person)) | {"allowCredentials": []}
    with pytest.raises(PasskeyRefused, match="somebody else"):
        finish(staff, staff.signed_in(person), other.authenticator.get(options))


def test_an_answer_for_signing_in_is_no_approval(staff: Staff, person: Person) -> None:
    principal = staff.signed_in(person)
    answer = person.authenticator.get(staff.service.sign_in.passkey_options(person.account.login, NOW))
    with pytest.raises(PasskeyRefused, match="another step"):
        finish(staff, principal, answer)


def test_an_approval_does_not_sign_in(staff: Staff, person: Person) -> None:
    answer = person.authenticator.get(begin(staff, staff.signed_in(person)))
    with pytest.raises(PasskeyRefused, match="another step"):
        staff.service.sign_in.finish_passkey(answer, NOW)


@pytest.mark.parametrize("purpose", [REGISTER, SIGN_IN, ""])
def test_an_approval_cannot_take_a_purpose_of_signing_in(staff: Staff, person: Person, purpose: str) -> None:
    principal = staff.signed_in(person)
    with staff.database.writing() as connection, pytest.raises(PasskeyRefused):
        staff.service.begin_assertion(connection, principal, purpose, BATCH, MESSAGE, NOW)


def test_a_missing_user_verification_is_refused(staff: Staff, person: Person) -> None:
    principal = staff.signed_in(person)
    person.authenticator.verifies_user = False
    with pytest.raises(PasskeyRefused, match="not verified"):
        finish(staff, principal, person.authenticator.get(begin(staff, principal)))


def test_an_answer_from_another_origin_is_refused(staff: Staff, person: Person) -> None:
    principal = staff.signed_in(person)
    person.authenticator.origin = "http://localhost:9999"
    with pytest.raises(PasskeyRefused, match="origin"):
        finish(staff, principal, person.authenticator.get(begin(staff, principal)))


def test_an_answer_for_another_relying_party_is_refused(staff: Staff, person: Person) -> None:
    principal = staff.signed_in(person)
    options = begin(staff, principal) | {"rpId": "other.localhost"}
    person.authenticator.origin = "http://other.localhost:8001"
    person.authenticator.credentials[0].rp_id = "other.localhost"
    with pytest.raises(PasskeyRefused):
        finish(staff, principal, person.authenticator.get(options))


def test_a_signature_of_another_key_is_refused(staff: Staff, person: Person) -> None:
    other = staff.person("other")
    principal = staff.signed_in(person)
    person.authenticator.credentials[0].key = other.authenticator.credentials[0].key
    with pytest.raises(PasskeyRefused, match="signature"):
        finish(staff, principal, person.authenticator.get(begin(staff, principal)))


def test_a_counter_that_goes_back_is_refused(staff: Staff, person: Person) -> None:
    principal = staff.signed_in(person)
    finish(staff, principal, person.authenticator.get(begin(staff, principal)))
    person.authenticator.credentials[0].counter = 1
    with pytest.raises(PasskeyCloned):
        finish(staff, principal, person.authenticator.get(begin(staff, principal)))


def test_a_password_and_a_code_cannot_approve(staff: Staff) -> None:
    person = staff.person_with_password()
    principal = staff.principal(staff.sign_in_with_password(person))
    with pytest.raises(PasskeyNeeded):
        begin(staff, principal)
    with pytest.raises(PasskeyNeeded):
        finish(staff, principal, {})


def test_a_removed_passkey_approves_nothing_more_and_its_evidence_still_holds(
    staff: Staff, person: Person
) -> None:
    principal = staff.signed_in(person)
    found = finish(staff, principal, person.authenticator.get(begin(staff, principal)))
    options = begin(staff, principal)
    with staff.database.writing() as connection:
        connection.execute(TABLES.passkey.update().values(removed_at=NOW))
    with pytest.raises(PasskeyRefused, match="no such credential"):
        finish(staff, principal, person.authenticator.get(options))
    with pytest.raises(PasskeyNeeded):
        begin(staff, principal)
    with staff.database.reading() as connection:
        public_key = staff.service.ceremonies.public_key(connection, found)
    assert public_key is not None
    verify_evidence(found, public_key, MESSAGE, "localhost", ORIGIN)


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"type": "public-key"}, {"type": "public-key", "response": {}}]
)
def test_what_is_no_answer_is_malformed(staff: Staff, person: Person, answer: Any) -> None:
    principal = staff.signed_in(person)
    with pytest.raises(MalformedInput):
        finish(staff, principal, answer)
