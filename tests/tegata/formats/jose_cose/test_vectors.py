"""The samples of the W3C's suite for VC-JOSE-COSE: what it says holds does, and what it says is bad is refused."""

import json
from datetime import UTC, datetime

import pytest

from tegata.errors import TegataError
from tegata.formats import jose_cose
from tegata.formats.credential import Expected, FormatRefused, HolderBindingRefused, SignatureRefused
from tegata.formats.jose_cose import Form
from tegata.formats.jose_cose.forms import read_base64
from tegata.formats.jose_cose.verify import check_holder
from tegata.keys import jwk
from tegata.keys.signer import Algorithm
from tests.tegata.formats.data_integrity.support import CONTEXTS, VECTORS

_FOLDER = VECTORS / "w3c" / "vc-jose-cose"
_ALL = frozenset(Algorithm)
_NOW = datetime(2024, 12, 16, 12, tzinfo=UTC)
_METHODS = [json.loads(path.read_bytes()) for path in sorted(_FOLDER.glob("vm-*.json"))]
_KEYS = {method["publicKeyJwk"]["kid"]: jwk.from_jwk(method["publicKeyJwk"], _ALL) for method in _METHODS}


def _read(name):
    text = (_FOLDER / f"{name}.txt").read_text("ascii").strip()
    kind, way = name.split("-")[0], name.split("-")[1]
    way = "jose" if way == "issuer" else way
    form = Form(
        f"{'vc' if kind == 'credential' else 'vp'}+{'jwt' if way == 'jose' else way.replace('sdjwt', 'sd-jwt')}"
    )
    return form, read_base64(text) if form.is_cose else text.encode("ascii")


def _verify(name):
    form, data = _read(name)
    parsed = jose_cose.parse(data, CONTEXTS, form, algorithms=_ALL)
    return jose_cose.verify(parsed, _KEYS[parsed.key_reference.key_id], _ALL, now=_NOW)


def test_there_is_a_method_for_each_kind_of_key():
    assert {key.algorithm for key in _KEYS.values()} == _ALL - {Algorithm.ES256K}


@pytest.mark.clause("VC-JOSE-COSE §3.1.1")
@pytest.mark.clause("VC-JOSE-COSE §3.2.1")
@pytest.mark.clause("VC-JOSE-COSE §3.3.1")
@pytest.mark.parametrize(
    "name",
    [
        "credential-cose-minimal",
        "credential-issuer-match-signed",
        "credential-jose-minimal",
        "credential-jose-unknown-extensions",
        "credential-sdjwt-nested",
        "credential-sdjwt-selective",
    ],
)
def test_a_credential_that_the_suite_calls_good_verifies(name):
    verified = _verify(name)
    assert verified.issuer == "https://example.issuer/vc-jose-cose"
    assert verified.claims
    assert not {"_sd", "..."} & verified.claims.keys()


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("credential-cose-bad-media-type", FormatRefused),
        ("credential-cose-bad-signature", SignatureRefused),
        ("credential-cose-minimal-not-base64", FormatRefused),
        ("credential-jose-bad-media-type", FormatRefused),
        ("credential-jose-bad-signature", SignatureRefused),
        ("credential-jose-vc-vp-claims", FormatRefused),
        ("credential-sdjwt-bad-media-type", FormatRefused),
        ("credential-sdjwt-bad-signature", SignatureRefused),
    ],
)
def test_a_credential_that_the_suite_calls_bad_is_refused(name, refusal):
    with pytest.raises(refusal):
        _verify(name)


@pytest.mark.clause("VC-JOSE-COSE §3.1.2")
@pytest.mark.parametrize(
    ("name", "count"),
    [("presentation-jose-multiple", 3), ("presentation-cose-single", 1), ("presentation-sdjwt-selective", 1)],
)
def test_a_presentation_that_the_suite_calls_good_is_taken_apart_and_its_signature_holds(name, count):
    form, data = _read(name)
    presentation = jose_cose.parse_presentation(data, form, algorithms=_ALL)
    assert len(presentation.credentials) == count
    expected = Expected(nonce="n", audience="a")
    for key in _KEYS.values():
        is_signer = key.key_id == presentation.key_reference.key_id
        # The samples are for no reader: what is missing is the nonce, which is looked at after the signature.
        with pytest.raises(HolderBindingRefused, match="another nonce" if is_signer else "the presentation:"):
            check_holder(presentation, _ALL, now=_NOW, expected=expected, holder_keys=lambda _, key=key: key)


@pytest.mark.clause("VCDM 2.0 §4.13")
@pytest.mark.parametrize("name", ["presentation-jose-multiple", "presentation-sdjwt-selective"])
def test_the_credentials_in_a_presentation_verify_whatever_their_form(name):
    form, data = _read(name)
    presentation = jose_cose.parse_presentation(data, form, algorithms=_ALL)
    for item in presentation.credentials:
        assert isinstance(item, tuple)
        inner = jose_cose.parse(item[1], CONTEXTS, item[0], algorithms=_ALL, presentation=presentation)
        assert jose_cose.verify(inner, _KEYS[inner.key_reference.key_id], _ALL, now=_NOW).claims


@pytest.mark.parametrize(
    "name",
    [
        *(
            "presentation-cose-bad-credential",
            "presentation-cose-bad-media-type",
            "presentation-jose-bad-credential",
        ),
        *(
            "presentation-jose-bad-media-type",
            "presentation-sdjwt-bad-credential",
            "presentation-sdjwt-bad-media-type",
        ),
    ],
)
def test_a_presentation_that_the_suite_calls_bad_is_refused(name):
    form, data = _read(name)
    with pytest.raises(TegataError):
        jose_cose.parse_presentation(data, form, algorithms=_ALL)


def test_algorithms_that_nobody_named_are_not_read():
    form, data = _read("credential-jose-unknown-extensions")
    with pytest.raises(FormatRefused):
        jose_cose.parse(data, CONTEXTS, form)
