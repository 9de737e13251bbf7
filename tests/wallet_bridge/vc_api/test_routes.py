"""Showing less of a credential over HTTP: what was left out is gone, what was shown verifies, and bad bodies say why."""

import json
import secrets
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from schemas import catalogue
from tegata.formats import data_integrity
from tegata.formats.data_integrity import Contexts
from tegata.keys import bls
from tegata.keys.bls import SoftwareBbsSigner
from tegata.keys.signer import DEFAULT_ALGORITHMS
from tegata.keys.software import SoftwareSigner
from tests.simulators.issuer import Scheme, School
from tests.wallet_bridge.test_app import ask, settings_at
from verifier.verification.opened import key_of_did
from wallet_bridge.app import create_app

_NOW = datetime.now(UTC)
_SCHOOL = School.enrol(Scheme.start(_NOW), "https://issuer.example/s/abc", _NOW)
_CONTEXTS = Contexts.of(catalogue.contexts())
_METHOD = f"{_SCHOOL.did}#key"
_SIGNER = SoftwareSigner.generate(key_id="key")
_BLIND = SoftwareBbsSigner.generate(secrets.token_bytes, "key")
_SHOWN = "/credentialSubject/family_name"


def _unsigned() -> dict[str, Any]:
    holder = SoftwareSigner.generate().public_key
    found: dict[str, Any] = json.loads(_SCHOOL.w3c(_SCHOOL.document("graduation"), holder))
    del found["proof"]
    return found


def _base(signer: Any = _SIGNER) -> dict[str, Any]:
    created = _SCHOOL.document("graduation").valid_from
    return data_integrity.secure_selectively(
        _unsigned(), signer, _METHOD, created, _CONTEXTS, secrets.token_bytes, allow_bbs=True
    )


@pytest.fixture
def derive(tmp_path):
    settings = settings_at(f"sqlite:///{tmp_path}/bridge.sqlite3", tmp_path, serves_derive=True)
    app = create_app(settings)

    def send(body: Any) -> httpx.Response:
        return ask(app, "/credentials/derive", "POST", body=json.dumps(body).encode())

    return send


@pytest.mark.clause("VCALM §3.5.1")
@pytest.mark.parametrize("signer", [_SIGNER, _BLIND], ids=["ecdsa-sd-2023", "bbs-2023"])
def test_what_was_pointed_at_is_shown_and_verifies_and_the_rest_is_gone(derive, signer) -> None:
    base = _base(signer)
    answer = derive({"verifiableCredential": base, "options": {"selectivePointers": [_SHOWN]}})
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    found = answer.json()["verifiableCredential"]
    subject = found["credentialSubject"]
    assert subject["family_name"] == base["credentialSubject"]["family_name"]
    assert "birthdate" in base["credentialSubject"]
    assert "birthdate" not in subject
    parsed = data_integrity.parse(json.dumps(found).encode(), _CONTEXTS)
    allowed = DEFAULT_ALGORITHMS | {bls.BBS}
    assert data_integrity.verify(parsed, signer.public_key, allowed, now=_NOW, holder_keys=key_of_did).claims[
        "family_name"
    ]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"verifiableCredential": "eyJ"}, "derive_input_refused"),
        ({"verifiableCredential": ...}, "derive_input_refused"),
        ({"options": []}, "derive_input_refused"),
        ({"options": {"hide": ["/issuer"]}}, "derive_input_refused"),
        ({"options": {"selectivePointers": "/a"}}, "derive_input_refused"),
        ({"options": {"selectivePointers": [7]}}, "derive_input_refused"),
        ({"options": {"selectivePointers": ["/a"] * 1_001}}, "derive_input_refused"),
        ({"options": {"presentationHeader": 7}}, "derive_input_refused"),
        ({"options": {"presentationHeader": "!"}}, "malformed"),
        ({"options": {"selectivePointers": ["/credentialSubject/nothing"]}}, "pointer_refused"),
        ({"verifiableCredential": {"@context": []}}, "format_refused"),
    ],
)
def test_a_body_that_cannot_be_derived_from_is_refused_with_its_reason(derive, change, kind) -> None:
    body = {"verifiableCredential": _base(), **change}
    answer = derive({name: value for name, value in body.items() if value is not ...})
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["kind"] == kind
    assert problem["title"]
    assert problem["title_ja"]
    assert problem["reference_number"]


def test_a_credential_without_a_base_proof_is_refused(derive) -> None:
    sealed = json.loads(_SCHOOL.w3c(_SCHOOL.document("graduation"), None))
    assert derive({"verifiableCredential": sealed}).status_code == 400


def test_it_is_not_served_unless_its_operator_says_so(tmp_path) -> None:
    app = create_app(settings_at(f"sqlite:///{tmp_path}/bridge.sqlite3", tmp_path))
    assert ask(app, "/credentials/derive", "POST", body=b"{}").status_code == 404
