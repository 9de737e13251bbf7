"""A school's document in each form of JOSE and COSE: issued, shown, verified, and refused wherever something is wrong."""

import hashlib
import json
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.codec import base64url, cbor
from tegata.envelope import cose, jws
from tegata.errors import LimitExceeded, Misconfigured, NotFound, TegataError
from tegata.formats import jose_cose
from tegata.formats.credential import (
    Expected,
    FormatRefused,
    HolderBindingRefused,
    Limits,
    NotValidNow,
    SignatureRefused,
)
from tegata.formats.jose_cose import Form
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tests.tegata.formats.data_integrity.support import (
    CLIENT,
    CONTEXTS,
    DOCUMENT,
    EXPECTED,
    HOLDER,
    ISSUED,
    ISSUER,
    NONCE,
    NOW,
    SIGNER,
    SIGNERS,
    VOCABULARY,
    holder_keys,
)

_FORMS = (Form.VC_JWT, Form.VC_SD_JWT, Form.VC_COSE)
_EACH = pytest.mark.parametrize("form", _FORMS, ids=str)
_SELECTABLE = replace(
    DOCUMENT,
    names=replace(
        DOCUMENT.names, selectable=(("family_name",), ("courses", None), ("school", "title")), decoys=2
    ),
)


def _issue(form=Form.VC_JWT, signer=SIGNER, holder=HOLDER, document=_SELECTABLE):
    key = None if holder is None else holder.public_key
    prepared = jose_cose.prepare(document, key, secrets.token_bytes, NOW, CONTEXTS, form)
    return jose_cose.seal(prepared, signer)


def _check(data, form=Form.VC_JWT, signer=SIGNER, **options):
    options = {"now": NOW, "holder_keys": holder_keys, **options}
    return jose_cose.verify(jose_cose.parse(data, CONTEXTS, form), signer.public_key, **options)


def _present(*credentials: tuple[Form, bytes], holder=HOLDER, form=Form.VP_JWT, **options):
    subjects = [jose_cose.parse(data, CONTEXTS, inner).document for inner, data in credentials]
    options = {"challenge": NONCE, "domain": CLIENT, "now": NOW, **options}
    return jose_cose.present(credentials, subjects, holder, form=form, **options)


def _check_presentation(data, form=Form.VP_JWT, **options):
    presentation = jose_cose.parse_presentation(data, form)
    options = {"now": NOW, "expected": EXPECTED, "holder_keys": holder_keys, **options}
    return tuple(
        jose_cose.verify_presentation(
            jose_cose.parse(inner, CONTEXTS, kind, presentation=presentation), SIGNER.public_key, **options
        )
        for kind, inner in presentation.credentials
    )


def _forge(form=Form.VC_JWT, header=None, signer=SIGNER, **changes):
    """A credential with changed claims, signed all the same; `...` leaves a claim out."""
    payload = json.loads(jws.parse(_issue()).payload)
    payload = {name: value for name, value in {**payload, **changes}.items() if value is not ...}
    header = {"typ": form.value, "cty": "vc", "kid": f"{ISSUER}#document-1", **(header or {})}
    header = {name: value for name, value in header.items() if value is not ...}
    return jws.sign(header, json.dumps(payload).encode(), signer, name_key=False).encode()


@_EACH
@pytest.mark.parametrize("algorithm", SIGNERS)
@pytest.mark.clause("VC-JOSE-COSE §3")
def test_a_document_says_the_same_in_each_form(form, algorithm):
    signer = SIGNERS[algorithm]
    verified = _check(_issue(form, signer), form, signer)
    assert verified.claims == _SELECTABLE.claims
    assert verified.format == form
    assert verified.types == (
        "https://www.w3.org/2018/credentials#VerifiableCredential",
        f"{VOCABULARY}GraduationCredential",
    )
    assert (verified.issuer, verified.issued_at) == (ISSUER, ISSUED)
    assert verified.key_id == f"{ISSUER}#document-1"
    assert [entry["statusPurpose"] for entry in verified.status] == ["revocation", "suspension"]
    assert verified.holder_key == replace(HOLDER.public_key, key_id=verified.holder_key.key_id)
    assert not verified.holder_proven


def test_only_what_the_holder_chooses_is_in_a_selective_credential():
    data = _issue(Form.VC_SD_JWT)
    shown = jose_cose.disclose(data, [("courses", 1), ("school", "title")])
    claims = _check(shown, Form.VC_SD_JWT).claims
    assert "family_name" not in claims
    assert claims["courses"] == [{"credits": 3}]
    assert claims["school"] == {"title": "見本高等学校"}
    assert "髙橋".encode() not in base64url.decode(shown.decode().split("~")[0].split(".")[1])
    with pytest.raises(NotFound):
        jose_cose.disclose(data, [("nickname",)])
    with pytest.raises(FormatRefused):
        jose_cose.disclose(_issue(), [("family_name",)])


def test_a_type_that_hides_nothing_is_an_sd_jwt_all_the_same():
    data = _issue(Form.VC_SD_JWT, document=DOCUMENT)
    assert data.endswith(b"~")
    assert _check(data, Form.VC_SD_JWT).claims == DOCUMENT.claims


@pytest.mark.parametrize("form", [Form.VP_JWT, Form.VP_COSE], ids=str)
@pytest.mark.clause("VCDM 2.0 §4.13")
def test_credentials_of_every_form_are_presented_by_their_holder(form):
    verified = _check_presentation(_present(*((kind, _issue(kind)) for kind in _FORMS), form=form), form)
    assert [item.format for item in verified] == list(_FORMS)
    assert all(item.holder_proven for item in verified)


def test_a_credential_alone_proves_no_holder():
    with pytest.raises(HolderBindingRefused):
        _check(_issue(), expected=EXPECTED)
    assert not _check(_issue()).holder_proven


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"challenge": "other"}, id="another nonce"),
        pytest.param({"domain": "other"}, id="another reader"),
        pytest.param({"now": NOW - timedelta(hours=1)}, id="long ago"),
        pytest.param({"now": NOW + timedelta(hours=1)}, id="not yet"),
    ],
)
def test_a_presentation_for_somebody_else_or_another_time_is_refused(options):
    with pytest.raises(HolderBindingRefused):
        _check_presentation(_present((Form.VC_JWT, _issue()), **options))


def test_somebody_else_s_credential_is_refused():
    other = SoftwareSigner.generate()
    with pytest.raises(HolderBindingRefused):
        _check_presentation(_present((Form.VC_JWT, _issue()), holder=other))
    unbound = _issue(holder=None)
    with pytest.raises(HolderBindingRefused, match="nobody"):
        _check_presentation(_present((Form.VC_JWT, unbound)))
    lenient = replace(EXPECTED, holder_binding_required=False)
    assert not _check_presentation(_present((Form.VC_JWT, unbound)), expected=lenient)[0].holder_proven


def test_a_presentation_names_the_key_of_its_holder():
    payload = json.loads(jws.parse(_present((Form.VC_JWT, _issue()))).payload)
    for changes in ({"holder": "did:example:1"}, {"holder": ...}):
        changed = {name: value for name, value in {**payload, **changes}.items() if value is not ...}
        header = {"typ": "vp+jwt", "kid": f"{payload['holder']}#0"}
        data = jws.sign(header, json.dumps(changed).encode(), HOLDER).encode()
        with pytest.raises(HolderBindingRefused):
            _check_presentation(data)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"vc": {}}, id="a claim vc"),
        pytest.param({"vp": {}}, id="a claim vp"),
        pytest.param({"iss": "did:web:other.example"}, id="another iss"),
        pytest.param({"iss": None}, id="no iss"),
        pytest.param({"jti": "urn:uuid:other"}, id="another jti"),
        pytest.param({"sub": "did:example:1"}, id="another sub"),
        pytest.param({"exp": "tomorrow"}, id="exp is text"),
        pytest.param({"type": "VerifiableCredential2"}, id="another type"),
        pytest.param({"type": ["VerifiableCredential", "Unknown"]}, id="a type that nobody defines"),
        pytest.param(
            {"@context": ["https://www.w3.org/ns/credentials/v2", "https://x.example"]}, id="a context"
        ),
        pytest.param({"@context": ["https://www.w3.org/2018/credentials/v1"]}, id="the context of 1.1"),
        pytest.param({"issuer": ...}, id="no issuer"),
        pytest.param({"credentialSubject": []}, id="no subject"),
        pytest.param({"validFrom": "2026"}, id="no date"),
    ],
)
def test_a_credential_that_breaks_a_rule_is_refused(changes):
    with pytest.raises(FormatRefused):
        _check(_forge(**changes))


@pytest.mark.parametrize(
    "changes",
    [{"exp": int(NOW.timestamp()) - 3600}, {"nbf": int(NOW.timestamp()) + 3600}],
    ids=["over", "not yet"],
)
@pytest.mark.clause("VC-JOSE-COSE §3.1.3")
def test_a_signature_of_another_time_is_refused_and_its_dates_are_not_the_document_s(changes):
    with pytest.raises(SignatureRefused):
        _check(_forge(**changes))
    assert _check(_forge(exp=int(NOW.timestamp()) + 3600)).valid_until == ISSUED + timedelta(days=90)


def test_the_dates_of_the_document_are_judged_unless_told_otherwise():
    data = _forge(validUntil="2026-03-01T12:00:00Z")
    with pytest.raises(NotValidNow):
        _check(data)
    assert _check(data, expected=Expected(enforce_validity=False)).valid_until


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "dc+sd-jwt"},
        {"typ": "JWT"},
        {"typ": ...},
        {"typ": "vp+jwt"},
        {"typ": "VC+JWT"},
        {"cty": "vp"},
        {"cty": "json"},
        {"kid": 5},
        {"crit": ["x"]},
        {"b64": False},
        {"x5c": "x"},
    ],
)
def test_a_header_that_says_something_else_is_refused(header):
    with pytest.raises(FormatRefused):
        _check(_forge(header=header))


@pytest.mark.parametrize("header", [{"typ": "application/vc+jwt"}, {"cty": ...}, {"cty": "application/vc"}])
def test_a_media_type_may_be_written_out(header):
    assert _check(_forge(header=header)).claims


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "ES512", "ES256K"])
def test_other_algorithms_are_not_even_parsed(algorithm):
    header, payload, signature = _issue().decode().split(".")
    changed = {**json.loads(base64url.decode(header)), "alg": algorithm}
    data = f"{base64url.encode(json.dumps(changed).encode())}.{payload}.{signature}"
    with pytest.raises(FormatRefused):
        _check(data.encode())


@pytest.mark.clause("VC-JOSE-COSE §4.3")
def test_a_key_of_somebody_else_is_refused():
    for kid in ("did:web:other.example#document-1", "https://school.example#document-1"):
        with pytest.raises(SignatureRefused):
            _check(_forge(header={"kid": kid}))
    for wrong in (HOLDER, SIGNERS[Algorithm.EDDSA]):
        with pytest.raises(SignatureRefused):
            _check(_issue(), signer=wrong)


def test_a_key_may_be_named_by_itself_or_by_certificates():
    assert jose_cose.parse(_forge(header={"kid": "k"}), CONTEXTS, Form.VC_JWT).key_reference.key_id == "k"
    reference = jose_cose.parse(_forge(header={"x5c": ["AAAA"]}), CONTEXTS, Form.VC_JWT).key_reference
    assert reference.certificates == (b"\x00\x00\x00",)


@_EACH
def test_a_form_is_never_taken_for_another(form):
    data = _issue(form)
    for other in Form:
        if other is not form:
            reads = jose_cose.parse_presentation if other.is_presentation else jose_cose.parse
            arguments = (data, other) if other.is_presentation else (data, CONTEXTS, other)
            with pytest.raises(FormatRefused):
                reads(*arguments)
    with pytest.raises(FormatRefused):
        jose_cose.parse_presentation(data, form)


def test_parts_of_other_forms_do_not_mix():
    plain, selective = _issue(), _issue(Form.VC_SD_JWT)
    with pytest.raises(FormatRefused):
        _check(plain + b"~")
    with pytest.raises(FormatRefused):
        _check(selective.split(b"~")[0], Form.VC_SD_JWT)
    with pytest.raises(FormatRefused, match="key binding"):
        _check(selective + b"a.b.c", Form.VC_SD_JWT)


@pytest.mark.parametrize("name", ["issuer", "validUntil", "credentialStatus", "@context", "type"])
def test_what_everybody_has_to_see_cannot_be_hidden(name):
    token = _issue(Form.VC_SD_JWT, document=DOCUMENT).decode().split("~")[0]
    payload = json.loads(jws.parse(token).payload)
    disclosure = base64url.encode(json.dumps(["c2FsdHNhbHRzYWx0", name, payload.pop(name)]).encode())
    payload["_sd"] = [base64url.encode(_sha256(disclosure))]
    data = jws.sign({"typ": "vc+sd-jwt", "kid": f"{ISSUER}#document-1"}, json.dumps(payload).encode(), SIGNER)
    for shown in (f"{data}~{disclosure}~", f"{data}~"):
        if name in ("validUntil", "credentialStatus") and shown.count("~") == 1:
            continue  # nobody can see that it is missing: the issuer was not to hide it
        with pytest.raises(FormatRefused):
            _check(shown.encode(), Form.VC_SD_JWT)


def _sha256(text):
    return hashlib.sha256(text.encode()).digest()


def test_claims_that_the_envelope_has_are_not_issued():
    with pytest.raises(FormatRefused):
        _issue(document=replace(DOCUMENT, claims={"_sd": []}), form=Form.VC_SD_JWT)
    hidden = replace(DOCUMENT, names=replace(DOCUMENT.names, selectable=(("id",),)))
    with pytest.raises(Misconfigured):
        _issue(document=hidden, form=Form.VC_SD_JWT)
    with pytest.raises(FormatRefused):
        _issue(Form.VP_JWT)
    with pytest.raises(FormatRefused):
        _issue(document=replace(DOCUMENT, valid_from=NOW + timedelta(days=1)))


@pytest.mark.parametrize(
    "change",
    [
        {"type": "VerifiableCredential"},
        {"@context": []},
        {"@context": "https://x.example"},
        {"id": "urn:uuid:1"},
        {"id": "data:text/plain,x"},
        {"id": "data:application/vc+jwt"},
        {"id": "data:application/jwt,a.b.c"},
        {"id": "data:application/vp+jwt,a.b.c"},
        {"id": "data:application/vc+cose,0oRYVqQ"},
        {"id": "data:application/vc+cose;base64,!!!"},
        {"id": "data:application/vc+jwt,é"},
        {"id": 5},
        {"name": "something written on it"},
    ],
)
@pytest.mark.clause("VCDM 2.0 §4.13")
def test_an_envelope_that_is_none_is_refused(change):
    with pytest.raises(FormatRefused):
        jose_cose.unenveloped({**jose_cose.enveloped(Form.VC_JWT, b"a.b.c"), **change})


@pytest.mark.parametrize("form", list(Form), ids=str)
def test_an_envelope_gives_back_what_was_put_into_it(form):
    data = b"\x00\xff" if form.is_cose else b"a.b.c"
    assert jose_cose.unenveloped(jose_cose.enveloped(form, data)) == (form, data)


@pytest.mark.parametrize(
    "credentials",
    [
        [],
        ["a.b.c"],
        [{"id": "urn:x:y"}],
        [jose_cose.enveloped(Form.VC_JWT, b"a.b.c")] * 17,
        [_issue().decode()],
    ],
)
def test_a_presentation_of_something_else_is_refused(credentials):
    payload = json.loads(jws.parse(_present((Form.VC_JWT, _issue()))).payload)
    data = jws.sign(
        {"typ": "vp+jwt"}, json.dumps({**payload, "verifiableCredential": credentials}).encode(), HOLDER
    )
    with pytest.raises((FormatRefused, LimitExceeded)):
        jose_cose.parse_presentation(data.encode(), Form.VP_JWT)


def test_bounds_hold():
    for form in _FORMS:
        with pytest.raises(LimitExceeded):
            jose_cose.parse(_issue(form), CONTEXTS, form, Limits(max_bytes=100))
    with pytest.raises(LimitExceeded):
        jose_cose.parse(_issue(Form.VC_SD_JWT), CONTEXTS, Form.VC_SD_JWT, Limits(max_disclosures=1))
    deep: object = {}
    for _ in range(40):
        deep = {"a": deep}
    with pytest.raises((LimitExceeded, FormatRefused)):
        _check(_forge(credentialSubject=deep))


@pytest.mark.parametrize(
    "message",
    [
        {"a": 1},
        cbor.Tag(17, [b"", {}, b"", b""]),
        [b"", {}, b"{}", b""],
        cose.sign1(b"{}", SIGNER, protected={cose.TYP: "application/vc+cose"}),
        cose.sign1(
            b"[]", SIGNER, protected={cose.TYP: "application/vc+cose", cose.CONTENT_TYPE: "application/vc"}
        ),
        cose.sign1(b"{}", SIGNER, protected={cose.TYP: "application/vc+cose"}, detached=True),
        cose.sign1(b"{}", SIGNER, protected={cose.TYP: 5}),
    ],
)
def test_cose_that_holds_no_credential_is_refused(message):
    with pytest.raises(FormatRefused):
        _check(cbor.dumps(message), Form.VC_COSE)


_SIGNED = {form: _issue(form) for form in _FORMS}


@given(st.sampled_from(_FORMS), st.data())
def test_no_byte_may_change(form, data):
    signed = bytearray(_SIGNED[form])
    place = data.draw(st.integers(0, len(signed) - 1))
    signed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(TegataError):
        _check(bytes(signed), form)


@given(st.binary(max_size=200), st.sampled_from(list(Form)))
def test_whatever_is_no_credential_is_refused_with_an_error_of_ours(data, form):
    with pytest.raises(TegataError):
        jose_cose.parse_presentation(data, form) if form.is_presentation else jose_cose.parse(
            data, CONTEXTS, form
        )
