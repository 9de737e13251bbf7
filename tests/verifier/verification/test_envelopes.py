"""W3C credentials in JOSE and COSE, in envelopes, and in presentations that mix the ways: the same report for each."""

import secrets
from typing import Any

import pytest

from schemas import catalogue
from tegata.codec import json
from tegata.formats import data_integrity, jose_cose
from tegata.formats.jose_cose import Form, enveloped
from tegata.formats.vcdm.subject import subject_identifier
from tegata.keys.software import SoftwareSigner
from tegata.status.entries import Status
from tests.verifier.verification.bench import AUDIENCE, NONCE, SCHOOL, Bench, not_passed
from verifier.oid4vp.dcql import LDP_VC, SD_JWT_VC
from verifier.verification.detecting import ENVELOPED, UnknownFormat, detect
from verifier.verification.report import CheckName, Outcome, Report, Verdict
from verifier.verification.service import Challenge

_CREDENTIALS = (Form.VC_JWT, Form.VC_SD_JWT, Form.VC_COSE)
_EACH = pytest.mark.parametrize("form", _CREDENTIALS, ids=str)
CHALLENGE = Challenge(NONCE, AUDIENCE)


@pytest.fixture
def bench() -> Bench:
    return Bench.set_up(LDP_VC)


def _seal(bench: Bench, form: Form, **changes: Any) -> bytes:
    document = bench.document(**changes)
    contexts = catalogue.contexts()
    prepared = jose_cose.prepare(
        document, bench.holder.public_key, secrets.token_bytes, bench.now, contexts, form
    )
    return jose_cose.seal(prepared, bench.school.document_signer)


def _check(bench: Bench, data: bytes, challenge: Challenge | None = None) -> Report:
    return bench.assessor().check_file(data, bench.policy, bench.now, challenge)


def _present(bench: Bench, form: Form, *items: Any, holder: SoftwareSigner | None = None) -> bytes:
    """Sign a presentation in JOSE or COSE; items are secured credentials by form, or objects as they are."""
    by = holder or bench.holder
    subject = {"credentialSubject": {"id": subject_identifier(by.public_key)}}
    secured = [item for item in items if isinstance(item, tuple)]
    data = jose_cose.present(
        secured, [subject], by, challenge=NONCE, domain=AUDIENCE, now=bench.now, form=form
    )
    plain = [item for item in items if not isinstance(item, tuple)]
    if not plain:
        return data
    from tegata.envelope import jws  # noqa: PLC0415  only to put what `present` does not make

    claims = json.loads(jws.parse(data).payload)
    claims["verifiableCredential"] += plain
    header = {"typ": form.value, "cty": "vp", "kid": jws.parse(data).header["kid"]}
    return jws.sign(header, json.dumps(claims), by).encode()


def _outcome(report: Report, name: CheckName) -> list[Outcome]:
    return [credential.outcome(name) for credential in report.credentials]


@_EACH
def test_a_credential_is_found_out_and_verified(bench: Bench, form: Form) -> None:
    data = _seal(bench, form)
    assert detect(data) == form
    report = _check(bench, data)
    assert not_passed(report) == {CheckName.HOLDER_BINDING: Outcome.FAILED}
    bench.policy = type(bench.policy)(accepts_test_identifiers=True, requires_holder_binding=False)
    report = _check(bench, data)
    assert report.verdict is Verdict.VALID
    assert report.credentials[0].document == "graduation"


@_EACH
def test_what_is_revoked_is_invalid_in_every_form(bench: Bench, form: Form) -> None:
    bench.school.set_status(0, Status.INVALID)
    bench.publish()
    report = _check(bench, _seal(bench, form))
    assert _outcome(report, CheckName.STATUS) == [Outcome.FAILED]


@_EACH
def test_an_envelope_is_opened_and_what_is_in_it_verified(bench: Bench, form: Form) -> None:
    data = json.dumps(enveloped(form, _seal(bench, form)))
    assert detect(data) == ENVELOPED
    assert _outcome(_check(bench, data), CheckName.SIGNATURE) == [Outcome.PASSED]


def test_an_sd_jwt_vc_in_an_envelope_is_opened_as_well() -> None:
    bench = Bench.set_up(SD_JWT_VC)
    sealed = bench.seal().decode()
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": f"data:application/dc+sd-jwt,{sealed}",
        "type": "EnvelopedVerifiableCredential",
    }
    assert _outcome(_check(bench, json.dumps(envelope)), CheckName.SIGNATURE) == [Outcome.PASSED]


@pytest.mark.clause("VCDM 2.0 §4.13")
@pytest.mark.parametrize("form", [Form.VP_JWT, Form.VP_COSE], ids=str)
def test_a_presentation_binds_every_credential_in_it_to_its_holder(bench: Bench, form: Form) -> None:
    data = _present(bench, form, *((kind, _seal(bench, kind)) for kind in _CREDENTIALS))
    assert detect(data) == form
    report = _check(bench, data, CHALLENGE)
    assert report.verdict is Verdict.VALID
    assert [credential.format for credential in report.credentials] == list(_CREDENTIALS)


def test_a_presentation_in_a_jwt_may_hold_a_credential_with_a_proof_of_its_own(bench: Bench) -> None:
    data = _present(bench, Form.VP_JWT, (Form.VC_JWT, _seal(bench, Form.VC_JWT)), json.loads(bench.seal()))
    report = _check(bench, data, CHALLENGE)
    assert report.verdict is Verdict.VALID
    assert [credential.format for credential in report.credentials] == [Form.VC_JWT, LDP_VC]


def test_a_presentation_with_a_proof_may_hold_enveloped_credentials(bench: Bench) -> None:
    items = [json.loads(bench.seal()), *(enveloped(form, _seal(bench, form)) for form in _CREDENTIALS)]
    presentation = _mixed(bench, items)
    report = _check(bench, json.dumps(presentation), CHALLENGE)
    assert report.verdict is Verdict.VALID
    assert [credential.format for credential in report.credentials] == [LDP_VC, *_CREDENTIALS]
    assert _outcome(report, CheckName.HOLDER_BINDING) == [Outcome.PASSED] * 4


def _mixed(bench: Bench, items: list[Any]) -> dict[str, Any]:
    from tegata.formats.data_integrity import suites  # noqa: PLC0415  a wallet that mixes is nobody's here

    presentation = data_integrity.present(
        (items[0],),
        bench.holder,
        challenge=NONCE,
        domain=AUDIENCE,
        now=bench.now,
        contexts=catalogue.contexts(),
    )
    proof = presentation.pop("proof")
    presentation["verifiableCredential"] = items
    secured = suites.Secured(presentation, data_integrity.Contexts.of(catalogue.contexts()))
    options = {
        name: value for name, value in proof.items() if name not in ("type", "cryptosuite", "proofValue")
    }
    return {**presentation, "proof": suites.add_proof(secured, options, bench.holder)}


def test_somebody_elses_credential_fails_the_binding_alone(bench: Bench) -> None:
    other = SoftwareSigner.generate()
    report = _check(
        bench, _present(bench, Form.VP_JWT, (Form.VC_JWT, _seal(bench, Form.VC_JWT)), holder=other), CHALLENGE
    )
    assert not_passed(report) == {CheckName.HOLDER_BINDING: Outcome.FAILED}


def test_a_presentation_for_another_reader_fails_the_binding_alone(bench: Bench) -> None:
    data = _present(bench, Form.VP_JWT, (Form.VC_JWT, _seal(bench, Form.VC_JWT)))
    report = _check(bench, data, Challenge(NONCE, "x509_hash:other"))
    assert not_passed(report) == {CheckName.HOLDER_BINDING: Outcome.FAILED}


@_EACH
def test_what_was_changed_fails_the_signature(bench: Bench, form: Form) -> None:
    data = bytearray(_seal(bench, form))
    place = data.index(b"~") - 3 if form.is_sd_jwt else len(data) - 3
    data[place] ^= 1
    report = _check(bench, bytes(data))
    assert report.verdict is Verdict.INVALID
    assert _outcome(report, CheckName.SIGNATURE) != [Outcome.PASSED]


def test_an_issuer_that_is_not_on_the_list_is_told_in_every_form(bench: Bench) -> None:
    bench.relist(identifier=f"{SCHOOL}x", did="did:web:other.example")
    for form in _CREDENTIALS:
        report = _check(bench, _seal(bench, form))
        assert _outcome(report, CheckName.ORGANISATION) == [Outcome.FAILED]


@pytest.mark.parametrize(
    "data",
    [
        b"a.b.c",
        b"e30.e30.e30",
        b"eyJ0eXAiOiJKV1QifQ.e30.x",
        b"W10.e30.x",
        b"\xd2\x84\x40\xa0\x40\x40",
        b"\x84",
        b"",
        b"hello",
        b"\xff.\xff.\xff",
    ],
)
def test_what_is_of_no_form_is_unknown(data: bytes) -> None:
    with pytest.raises(UnknownFormat):
        detect(data)


@pytest.mark.clause("VC-JOSE-COSE §3.2")
def test_the_old_typ_of_sd_jwt_vc_is_told_apart_by_what_is_inside(bench: Bench) -> None:
    assert detect(_seal(bench, Form.VC_SD_JWT)) == Form.VC_SD_JWT
    assert detect(b"eyJ0eXAiOiJ2YytzZC1qd3QifQ.eyJ2Y3QiOiJ4In0.x~") == SD_JWT_VC


@pytest.mark.parametrize(
    "envelope",
    [
        {"type": "EnvelopedVerifiableCredential"},
        {"type": "EnvelopedVerifiableCredential", "id": "data:text/plain,x", "@context": []},
        {**enveloped(Form.VC_JWT, b"a.b.c"), "id": "data:application/vp+jwt,a.b.c"},
    ],
)
def test_an_envelope_with_nothing_in_it_fails_the_format(bench: Bench, envelope: dict[str, Any]) -> None:
    report = _check(bench, json.dumps(envelope))
    assert _outcome(report, CheckName.FORMAT) == [Outcome.FAILED]
