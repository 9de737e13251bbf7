"""The API as the W3C's suites call it: 201 for what is issued, 200 for what is verified, 400 with JSON for every failure."""

import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest

from tegata.doubles.conformance.app import MAX_BYTES, build
from tegata.doubles.conformance.instances import BBS, ECDSA_SD, STATUS_ISSUER, make
from tegata.formats import data_integrity
from tegata.formats.data_integrity import Contexts
from tegata.formats.vcdm import model
from tegata.identity.did import did_key
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tegata.status import bitstring_entry, bitstring_status_list
from tests.tegata.formats.data_integrity.support import CONTEXTS, EXAMPLES, PINNED, V2

_BASE = "https://localhost"
_NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_TERMS = "https://w3id.org/security/data-integrity/v2"
_CONTEXTS = {
    **CONTEXTS,
    model.BASE_CONTEXT_1_1: (PINNED / "credentials-v1.jsonld").read_bytes(),
    _TERMS: (PINNED / "data-integrity-v2.jsonld").read_bytes(),
}
_INSTANCES = make()
#: Without the examples' context, which gives every term a meaning.
_BARE = {"@context": [V2], "credentialSubject": {"id": "did:example:abcdefgh"}}
_APP = build(_INSTANCES, _CONTEXTS, lambda: _NOW, _BASE)
_NAMES = sorted(set(_INSTANCES) - {STATUS_ISSUER})
_PLAIN = [name for name in _NAMES if _INSTANCES[name].form is None]
_SELECTIVE = [name for name in _NAMES if _INSTANCES[name].secures_with in {ECDSA_SD, BBS}]
_WHOLE = [name for name in _PLAIN if name not in _SELECTIVE]


def _post(path, body):
    async def ask():
        transport = httpx.ASGITransport(_APP)
        async with httpx.AsyncClient(transport=transport, base_url=_BASE) as http:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            return await http.post(path, content=content, headers={"Content-Type": "application/json"})

    return asyncio.run(ask())


def _get(path):
    async def ask():
        transport = httpx.ASGITransport(_APP)
        async with httpx.AsyncClient(transport=transport, base_url=_BASE) as http:
            return await http.get(path)

    return asyncio.run(ask())


def _credential(name, **changes):
    found = {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": _INSTANCES[name].did,
        "validFrom": "2026-03-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    }
    return {key: value for key, value in {**found, **changes}.items() if value is not ...}


def _issue(name, *, options=None, **changes):
    return _post(
        f"/issuers/{name}/credentials/issue",
        {"credential": _credential(name, **changes), "options": options or {}},
    )


def _issued(name, **more):
    answer = _issue(name, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _verify(credential):
    return _post("/credentials/verify", {"verifiableCredential": credential, "options": {}})


def _derive(credential, *pointers: str):
    return _post(
        "/credentials/derive",
        {"verifiableCredential": credential, "options": {"selectivePointers": list(pointers)}},
    )


@pytest.mark.parametrize("name", [name for name in _NAMES if name not in _SELECTIVE])
def test_what_an_issuer_signs_is_verified(name):
    credential = _issued(name)
    answer = _verify(credential)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "verified": True,
        "credential": credential,
        "checks": ["proof"],
        "errors": [],
        "warnings": [],
        "problemDetails": [],
    }


@pytest.mark.parametrize("name", _SELECTIVE)
def test_a_base_proof_is_for_the_holder_and_a_derived_one_for_everybody(name):
    credential = _issued(name, options={"mandatoryPointers": ["/issuer", "/validFrom"]})
    assert _verify(credential).status_code == 400
    derived = _derive(credential, "/credentialSubject/id")
    assert derived.status_code == 201
    shown = derived.json()
    assert shown["credentialSubject"] == {"id": "did:example:abcdefgh"}
    assert _verify(shown).status_code == 200


def test_a_derivation_of_nothing_is_refused():
    for body in ({}, {"verifiableCredential": "x"}, {"verifiableCredential": {}, "options": []}):
        assert _post("/credentials/derive", body).status_code == 400
    name = _SELECTIVE[0]
    body = {"verifiableCredential": _issued(name), "options": {"selectivePointers": "/issuer"}}
    assert _post("/credentials/derive", body).status_code == 400


@pytest.mark.parametrize("name", _PLAIN)
def test_nothing_is_added_to_a_credential_but_its_proof(name):
    credential = _issued(name)
    assert {key: value for key, value in credential.items() if key != "proof"} == _credential(name)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "did:web:other.example"},
        {"issuer": None},
        {"@context": []},
        {"@context": [V2, "https://unknown.example/v1"]},
        {"type": ["AlumniCredential"]},
        {"type": ["VerifiableCredential", "UnheardOfCredential"], **_BARE},
        {"validFrom": "yesterday"},
        {"credentialSubject": {}},
        {"unheardOf": "x", "type": ["VerifiableCredential"], **_BARE},
    ],
    ids=lambda changes: f"{next(iter(changes))} {json.dumps(next(iter(changes.values())))}"[:60],
)
@pytest.mark.parametrize("name", ["eddsa-rdfc-2022-ed25519", "ecdsa-jcs-2019-p-384"])
def test_a_credential_that_breaks_the_model_is_not_signed(name, changes):
    answer = _issue(name, **changes)
    assert answer.status_code == 400
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"{}", b'{"credential": []}', b'{"credential": {}, "options": []}', b"\xff"],
    ids=lambda body: body.hex()[:20] or "empty",
)
def test_a_body_that_asks_for_nothing_is_answered_in_json(body):
    answer = _post("/issuers/eddsa-rdfc-2022-ed25519/credentials/issue", body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_body_that_is_too_long_is_not_read_to_its_end():
    answer = _post("/credentials/verify", b'{"x":"' + b"x" * MAX_BYTES + b'"}')
    assert answer.status_code == 400
    assert "mebibyte" in answer.json()["detail"]


def test_an_issuer_that_is_not_there_is_told_in_json():
    answer = _post("/issuers/nobody/credentials/issue", {"credential": {}})
    assert answer.status_code == 400
    assert answer.json()["title"] == "not_found"


def test_pointers_that_are_none_are_refused():
    answer = _issue(_SELECTIVE[0], options={"mandatoryPointers": "/issuer"})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", _WHOLE)
def test_a_credential_that_was_changed_is_refused_with_a_problem_type(name):
    credential = _issued(name)
    credential["credentialSubject"]["alumniOf"] = "Another School"
    answer = _verify(credential)
    assert answer.status_code == 400
    (problem,) = answer.json()["problemDetails"]
    assert problem["type"] == "https://w3id.org/security#PROOF_VERIFICATION_ERROR"


def test_a_credential_without_a_proof_and_text_are_refused():
    for value in (_credential(_NAMES[0]), "x", [], None):
        answer = _verify(value)
        assert answer.status_code == 400
        assert answer.json()["verified"] is False
    assert _post("/credentials/verify", {}).status_code == 400


def test_a_key_that_is_not_the_issuers_is_a_warning_here():
    signer = SoftwareSigner.generate(Algorithm.EDDSA)
    method = f"{did_key(signer.public_key)}#{did_key(signer.public_key).removeprefix('did:key:')}"
    credential = data_integrity.secure(_credential(_NAMES[0]), signer, method, _NOW, _CONTEXTS)
    answer = _verify(credential)
    assert answer.status_code == 200
    assert [item["title"] for item in answer.json()["problemDetails"]] == ["issuer_not_bound"]


def test_dates_are_a_warning():
    answer = _verify(_issued(_WHOLE[0], validFrom="2030-01-01T00:00:00Z"))
    assert answer.status_code == 200
    assert [item["title"] for item in answer.json()["problemDetails"]] == ["not_valid_now"]


def test_a_proof_for_another_purpose_or_of_another_time_is_an_error():
    instance = _INSTANCES["eddsa-rdfc-2022-ed25519"]
    for options in ({"proofPurpose": "authentication"}, {"expires": "2026-03-01T00:00:00Z"}):
        credential = data_integrity.secure(
            _credential(instance.name),
            instance.signer,
            instance.method,
            datetime(2026, 2, 1, tzinfo=UTC),
            _CONTEXTS,
            options=options,
        )
        assert _verify(credential).status_code == 400


@pytest.mark.clause("VC Data Integrity 1.0 §2.4.2")
def test_documents_of_1_1_get_the_context_that_their_proof_needs():
    name = "eddsa-rdfc-2022-ed25519"
    credential = _issued(
        name,
        **{"@context": [model.BASE_CONTEXT_1_1], "issuanceDate": "2026-03-01T00:00:00Z"},
        type=["VerifiableCredential"],
        credentialSubject={"id": "did:example:abcdefgh"},
        validFrom=...,
    )
    assert credential["@context"] == [model.BASE_CONTEXT_1_1, _TERMS]
    assert _verify(credential).status_code == 200


# --- presentations ---


def _presented(*credentials: object, challenge="c", domain="d", signer=None, purpose="authentication"):
    signer = signer or SoftwareSigner.generate(Algorithm.EDDSA)
    did = did_key(signer.public_key)
    presentation = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": did}
    if credentials:
        presentation["verifiableCredential"] = list(credentials)
    secured = data_integrity.suites.Secured(presentation, Contexts.of(_CONTEXTS))
    options = {
        "created": "2026-03-02T09:00:00Z",
        "verificationMethod": f"{did}#{did.removeprefix('did:key:')}",
        "proofPurpose": purpose,
        "challenge": challenge,
        "domain": domain,
    }
    proof = data_integrity.suites.add_proof(secured, options, signer)
    return {**presentation, "proof": proof}


def _verify_presentation(presentation, member="verifiablePresentation", **options):
    return _post("/presentations/verify", {member: presentation, "options": options})


@pytest.mark.parametrize("member", ["verifiablePresentation", "presentation"])
def test_a_presentation_is_verified_with_every_credential_in_it(member):
    presentation = _presented(_issued("ecdsa-rdfc-2019-p-256"), _issued("vc-jwt-p-256"))
    answer = _verify_presentation(presentation, member, challenge="c", domain="d")
    assert answer.status_code == 200, answer.text


def test_a_presentation_for_somebody_else_is_refused_by_name():
    presentation = _presented(_issued("ecdsa-rdfc-2019-p-256"))
    for options, name in (({"challenge": "x"}, "CHALLENGE"), ({"challenge": "c", "domain": "x"}, "DOMAIN")):
        answer = _verify_presentation(presentation, **options)
        assert answer.status_code == 400
        (problem,) = answer.json()["problemDetails"]
        assert problem["type"] == f"https://w3id.org/security#INVALID_{name}_ERROR"


def test_one_bad_credential_fails_the_presentation():
    bad = _issued("ecdsa-rdfc-2019-p-256")
    bad["credentialSubject"]["alumniOf"] = "Another School"
    assert _verify_presentation(_presented(bad)).status_code == 400
    assert _verify_presentation(_presented(_issued("vc-jwt-p-256"), bad)).status_code == 400


def test_a_presentation_signed_to_assert_is_refused():
    presentation = _presented(_issued("ecdsa-rdfc-2019-p-256"), purpose="assertionMethod")
    assert _verify_presentation(presentation).status_code == 400


def test_a_holder_may_sign_a_presentation_of_nothing():
    assert _verify_presentation(_presented(), challenge="c", domain="d").status_code == 200


# --- contexts that stand in the document ---

_OWN = {"@context": {"nickname": "https://school.example/vocab#nickname"}}


def _with_own_context(name, own=None):
    return _issue(
        name,
        **{"@context": [V2, own or _OWN]},
        type=["VerifiableCredential"],
        credentialSubject={"id": "did:example:abcdefgh", "nickname": "タロウ"},
    )


@pytest.mark.clause("VCDM 2.0 §4.3")
@pytest.mark.parametrize("name", [name for name in _WHOLE if "-rdfc-" in name])
def test_a_context_of_the_senders_own_is_read_and_what_it_names_is_signed(name):
    answer = _with_own_context(name)
    assert answer.status_code == 201, answer.text
    credential = answer.json()
    assert credential["@context"] == [V2, _OWN]
    assert _verify(credential).status_code == 200
    assert _verify_presentation(_presented(), challenge="c").status_code == 200
    credential["@context"][1] = {"@context": {"nickname": "https://other.example/vocab#nickname"}}
    assert _verify(credential).status_code == 400


@pytest.mark.parametrize(
    "own",
    [
        {"@context": {"nickname": 5}},
        {"@context": {"@import": "https://other.example/"}},
        {"@context": []},
        {"VerifiableCredential": "https://school.example/vocab#Other"},
        {"x": {"@id": "https://school.example/" + "x" * 70_000}},
    ],
    ids=["a term that is a number", "an import", "nothing", "a protected term", "too long"],
)
def test_an_object_that_is_no_context_is_refused(own):
    assert _with_own_context("eddsa-rdfc-2022-ed25519", own).status_code == 400


def test_a_context_of_the_senders_own_is_not_signed_as_json():
    assert _with_own_context("eddsa-jcs-2022-ed25519").status_code == 400
    credential = _issued("eddsa-jcs-2022-ed25519")
    credential["@context"] = [*credential["@context"], _OWN]
    assert _verify(credential).status_code == 400


# --- status ---


def _change(identifier, purpose="revocation", **more):
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": purpose}
    body = {"credentialId": identifier, "credentialStatus": entry, **more}
    return _post("/credentials/status", body)


@pytest.mark.clause("Bitstring Status List 1.0 §2.1")
@pytest.mark.parametrize("purpose", ["revocation", "suspension"])
def test_one_issuer_gives_every_credential_an_entry_that_can_be_set(purpose):
    identifier = f"urn:example:{purpose}"
    credential = _issued(STATUS_ISSUER, id=identifier)
    (entry,) = [item for item in credential["credentialStatus"] if item["statusPurpose"] == purpose]
    (claimed,) = bitstring_entry.entries_of(entry)
    address = entry["statusListCredential"].removeprefix(_BASE)

    def is_set():
        published = _get(address).json()
        assert _verify(published).json()["verified"]
        return bitstring_status_list.check(claimed, published, lambda document: document, now=_NOW).is_set

    assert not is_set()
    assert _change(identifier, purpose).status_code == 200
    assert is_set()
    assert [item["title"] for item in _verify(credential).json()["problemDetails"]] == [purpose]
    assert _change(identifier, purpose, status=False).status_code == 200
    assert not is_set()
    assert _verify(credential).json()["problemDetails"] == []


def test_a_status_that_cannot_be_set_is_refused():
    assert _change("urn:uuid:nobody").status_code == 400
    assert _change("urn:uuid:nobody", "message").status_code == 400
    assert _change("urn:uuid:nobody", status="yes").status_code == 400
    assert _post("/credentials/status", []).status_code == 400
    assert _get("/status-lists/message").status_code == 404


@pytest.mark.parametrize("name", [STATUS_ISSUER, "ecdsa-rdfc-2019-p-256"])
def test_an_entry_that_is_none_is_not_signed(name):
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": True,
        "statusListCredential": "https://example.com",
    }
    assert _issue(name, credentialStatus=entry).status_code == 400
    assert _issue(name, credentialStatus={**entry, "statusListIndex": "7"}).status_code == 201
