"""The W3C's API as a vendor's system uses it: it gets what was approved, and nothing else is signed."""

import secrets
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from issuer.base import AUDIT
from issuer.issuance import store
from issuer.issuance.batches import draft, submit
from issuer.organisations import key_store
from issuer.vc_api.keys import Scope
from tegata.codec import json
from tegata.codec.dates import today
from tegata.formats import data_integrity
from tegata.identity.certificates import KeyUse
from tegata.keys import jwk
from tests.issuer.neighbours import sister_school, strange_school
from tests.issuer.vc_api.conftest import System, identifier_of


def _kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("kind", "")


def test_the_sealed_master_is_handed_out_with_201_and_audited(system: System) -> None:
    answer = system.issue(system.wish())
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    master = answer.json()["verifiableCredential"]
    workshop, school = system.ready.workshop, system.ready.school
    parsed = data_integrity.parse(json.dumps(master), workshop.contexts)
    with workshop.database.reading() as connection:
        [key] = key_store.active(connection, school.id, KeyUse.DOCUMENT)
        seen = select(AUDIT.row.c.object_id).where(AUDIT.row.c.action == "master.handed_out")
        assert list(connection.execute(seen).scalars()) == [system.documents[0].id]
    verified = data_integrity.verify(parsed, jwk.from_jwk(key.public_jwk), now=datetime.now(UTC))
    assert verified.holder_key is None
    assert verified.issuer == school.did
    assert system.issue(system.wish()).json()["verifiableCredential"] == master


def test_an_id_in_the_options_names_the_document_as_well(system: System) -> None:
    wish = system.wish()
    identifier = wish.pop("id")
    assert system.issue(wish, credentialId=identifier).status_code == 201
    assert _kind(system.issue({**wish, "id": f"urn:uuid:{'0' * 8}"}, credentialId=identifier))[0] == 400


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"type": ["VerifiableCredential"]}, "/credential/type"),
        ({"issuer": "did:web:elsewhere.example"}, "/credential/issuer"),
        ({"issuer": {"id": "did:web:elsewhere.example"}}, "/credential/issuer"),
        ({"credentialSubject": {}}, "/credential/credentialSubject"),
        ({"credentialSubject": None}, "/credential/credentialSubject"),
        ({"validFrom": "2001-01-01T00:00:00Z"}, "/credential/validFrom"),
        ({"validUntil": "2101-01-01T00:00:00Z"}, "/credential/validUntil"),
        ({"@context": ["https://www.w3.org/ns/credentials/v2"]}, "/credential/@context"),
    ],
)
def test_what_differs_from_the_record_is_not_signed(
    system: System, change: dict[str, Any], pointer: str
) -> None:
    answer = system.issue({**system.wish(), **change})
    assert _kind(answer) == (409, "not_as_approved")
    assert answer.json()["pointer"] == pointer


def test_one_changed_letter_of_a_name_is_not_signed(system: System) -> None:
    wish = system.wish()
    subject = wish["credentialSubject"]
    name = next(key for key, value in subject.items() if isinstance(value, str))
    assert _kind(system.issue({**wish, "credentialSubject": {**subject, name: subject[name] + "x"}})) == (
        409,
        "not_as_approved",
    )


def test_another_documents_claims_are_not_signed(system: System) -> None:
    wish = {**system.wish(0), "credentialSubject": system.wish(1)["credentialSubject"]}
    assert _kind(system.issue(wish)) == (409, "not_as_approved")


@pytest.mark.parametrize("member", ["proof", "credentialStatus", "evidence", "name", "termsOfUse"])
def test_members_that_the_issuer_alone_writes_are_refused(system: System, member: str) -> None:
    assert _kind(system.issue({**system.wish(), member: {}})) == (400, "vc_api_credential_unusable")


@pytest.mark.parametrize(
    "body", [[], {}, {"credential": []}, {"credential": {}}, {"credential": {}, "options": 1}]
)
def test_a_body_without_a_credential_is_malformed(system: System, body: Any) -> None:
    assert _kind(system.post(f"{system.path}/issue", body)) == (400, "vc_api_credential_unusable")


def test_a_document_that_nobody_approved_is_not_handed_out(system: System) -> None:
    ready, now = system.ready, datetime.now(UTC)
    chosen = [("graduation", learner) for learner in ready.graduates(now)[:1]]
    batch_id = draft(ready.workshop, ready.desk, chosen, today(now), now)
    submit(ready.workshop, ready.school.tenant_id, batch_id, ready.clerk.account_id, now)
    with ready.workshop.database.reading() as connection:
        [item] = store.documents(connection, batch_id)
    assert _kind(system.issue({**system.wish(), "id": identifier_of(item)})) == (409, "not_as_approved")


def test_an_unknown_document_is_not_there(system: System) -> None:
    unknown = f"urn:uuid:{secrets.token_hex(4)}-0000-0000-0000-{secrets.token_hex(6)}"
    assert _kind(system.issue({**system.wish(), "id": unknown}))[0] == 404


def test_without_a_key_or_with_another_scope_nothing_is_done(system: System) -> None:
    assert system.issue(system.wish(), key="").status_code == 401
    assert system.issue(system.wish(), key="tgi_000000000000_" + "x" * 43).status_code == 401
    assert _kind(system.issue(system.wish(), key=system.key(Scope.STATUS))) == (403, "api_key_scope")
    identifier = system.wish()["id"]
    only_issue = system.key(Scope.ISSUE)
    assert _kind(system.change(identifier, "revocation", value=True, key=only_issue)) == (
        403,
        "api_key_scope",
    )


def test_a_status_is_changed_and_seen_and_a_revocation_is_final(system: System) -> None:
    identifier = system.wish()["id"]
    assert system.change(identifier, "suspension", value=True).status_code == 200
    assert _kind(system.issue(system.wish())) == (409, "not_as_approved")
    assert system.change(identifier, "suspension", value=False).status_code == 200
    assert system.issue(system.wish()).status_code == 201
    assert system.change(identifier, "revocation", value=True).status_code == 200
    assert _kind(system.change(identifier, "suspension", value=True)) == (409, "final_status")
    assert _kind(system.change(identifier, "revocation", value=False)) == (400, "vc_api_status_unusable")
    assert _kind(system.issue(system.wish())) == (409, "not_as_approved")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"credentialId": "x", "credentialStatus": {}, "status": True},
        {"credentialId": "x", "credentialStatus": {"type": "BitstringStatusListEntry"}, "status": "true"},
        {
            "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "refresh"},
            "status": True,
        },
    ],
)
def test_a_status_that_is_none_is_malformed(system: System, body: Any) -> None:
    assert _kind(system.post(f"{system.path}/status", body)) == (400, "vc_api_status_unusable")


def _entries(system: System) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = system.issue(system.wish()).json()["verifiableCredential"][
        "credentialStatus"
    ]
    return found


def _change_entry(system: System, entry: Any) -> Any:
    body = {"credentialId": system.wish()["id"], "credentialStatus": entry, "status": True}
    return system.post(f"{system.path}/status", body)


def test_the_entry_of_the_master_is_what_changes_it(system: System) -> None:
    revocation, suspension = _entries(system)
    assert _change_entry(system, suspension).status_code == 200
    assert _change_entry(system, revocation).status_code == 200
    assert _kind(system.issue(system.wish())) == (409, "not_as_approved")


@pytest.mark.clause("Bitstring Status List 1.0 §3.5")
@pytest.mark.parametrize(
    ("change", "kind", "name"),
    [
        ({"statusListIndex": 5}, "status_malformed", "MALFORMED_VALUE_ERROR"),
        ({"statusListIndex": "-1"}, "status_malformed", "MALFORMED_VALUE_ERROR"),
        ({"statusListCredential": None}, "status_malformed", "MALFORMED_VALUE_ERROR"),
        ({"statusSize": 2}, "status_malformed", "MALFORMED_VALUE_ERROR"),
        ({"statusListIndex": "131072"}, "status_index_out_of_range", "RANGE_ERROR"),
    ],
)
def test_an_entry_that_no_list_has_is_refused_by_the_name_of_the_standard(
    system: System, change: dict[str, Any], kind: str, name: str
) -> None:
    answer = _change_entry(system, _entries(system)[0] | change)
    assert _kind(answer) == (400, kind)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"https://www.w3.org/TR/vc-data-model#{name}"
    assert answer.json()["title"]
    assert answer.json()["title_ja"]


def test_a_slot_of_another_document_changes_nothing(system: System) -> None:
    revocation, suspension = _entries(system)
    other = str((int(revocation["statusListIndex"]) + 1) % 131_072)
    for entry in (
        revocation | {"statusListIndex": other},
        revocation | {"statusListCredential": "https://elsewhere.example/status/1/revocation"},
        revocation | {"statusPurpose": suspension["statusPurpose"]},
    ):
        assert _kind(_change_entry(system, entry)) == (400, "vc_api_status_unusable")
    assert system.issue(system.wish()).status_code == 201


def test_a_sister_schools_address_does_not_find_the_document(system: System) -> None:
    sister = sister_school(system.ready, datetime.now(UTC))
    body = {"credential": system.wish()}
    assert _kind(system.post(f"/s/{sister.public_id}/credentials/issue", body)) == (404, "not_found")


def test_a_key_of_another_legal_person_finds_no_school(system: System) -> None:
    other = system.key(tenant_id=strange_school(system.ready, datetime.now(UTC)).tenant_id)
    assert _kind(system.issue(system.wish(), key=other)) == (404, "not_found")
    assert _kind(system.change(system.wish()["id"], "revocation", value=True, key=other)) == (
        404,
        "not_found",
    )
