"""W3C and mobile documents for every content that they can have: what is issued reads back the same, and not one claim more."""

import secrets
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegata.formats import data_integrity, jose_cose, mdoc
from tegata.formats.credential import Expected, HolderBindingRefused, MdocElement, MdocNames
from tegata.formats.jose_cose import Form
from tegata.keys.signer import Algorithm
from tests.tegata.formats.data_integrity import support as w3c
from tests.tegata.formats.mdoc import documents as mobile

#: Text as documents have it: anything that is written, no control characters.
_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=12)
_WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
_JSON = st.recursive(
    st.none() | st.booleans() | _WHOLE | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
#: A subject in the terms of the tests' school: scalars, rows, a JSON literal, a nested object with a context of its own.
_SUBJECTS = st.fixed_dictionaries(
    {"family_name": _TEXT},
    optional={
        "department": _TEXT,
        "graduation_date": st.dates().map(str),
        "credits": _WHOLE,
        "courses": st.lists(st.fixed_dictionaries({"credits": _WHOLE}), min_size=1, max_size=6),
        "viewpoints": st.dictionaries(_TEXT, _JSON, min_size=1, max_size=4),
        "school": st.fixed_dictionaries({"title": _TEXT}),
    },
)


@settings(deadline=None, max_examples=60)
@given(claims=_SUBJECTS)
@pytest.mark.parametrize("algorithm", w3c.SIGNERS)
def test_a_credential_with_a_proof_reads_back_as_it_was_issued(
    algorithm: Algorithm, claims: dict[str, Any]
) -> None:
    signer = w3c.SIGNERS[algorithm]
    issued = w3c.issue(signer, claims=claims)
    found = w3c.check(issued, signer)
    assert found.claims == claims
    assert not found.holder_proven
    (shown,) = w3c.check_presentation(w3c.present(issued), signer)
    assert shown.claims == claims
    assert shown.holder_proven


@settings(deadline=None, max_examples=40)
@given(claims=_SUBJECTS, data=st.data())
def test_a_derived_credential_shows_what_was_chosen_and_nothing_else(
    claims: dict[str, Any], data: st.DataObject
) -> None:
    unsigned = w3c.issue(claims=claims)
    del unsigned["proof"]
    base = data_integrity.secure_selectively(
        unsigned, w3c.SIGNER, f"{w3c.ISSUER}#document-1", w3c.ISSUED, w3c.CONTEXTS, secrets.token_bytes
    )
    chosen = data.draw(st.sets(st.sampled_from(sorted(claims)), min_size=1))
    pointers = [f"/credentialSubject/{name}" for name in sorted(chosen)]
    derived = data_integrity.derive(base, pointers, w3c.CONTEXTS, secrets.token_bytes)
    assert w3c.check(derived).claims == {name: value for name, value in claims.items() if name in chosen}


@settings(deadline=None, max_examples=60)
@given(claims=_SUBJECTS)
@pytest.mark.parametrize("form", [Form.VC_JWT, Form.VC_SD_JWT, Form.VC_COSE], ids=str)
def test_a_credential_in_jose_and_cose_reads_back_as_it_was_issued(
    form: Form, claims: dict[str, Any]
) -> None:
    selectable = tuple((name,) for name in claims)
    document = replace(w3c.DOCUMENT, claims=claims, names=replace(w3c.DOCUMENT.names, selectable=selectable))
    prepared = jose_cose.prepare(
        document, w3c.HOLDER.public_key, secrets.token_bytes, w3c.NOW, w3c.CONTEXTS, form
    )
    parsed = jose_cose.parse(jose_cose.seal(prepared, w3c.SIGNER), w3c.CONTEXTS, form)
    found = jose_cose.verify(parsed, w3c.SIGNER.public_key, now=w3c.NOW, holder_keys=w3c.holder_keys)
    assert found.claims == claims


_VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(st.characters(codec="utf-8"), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
_NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=10)


@settings(deadline=None, max_examples=80)
@given(claims=st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=8), data=st.data())
def test_a_mobile_document_shows_the_chosen_elements_as_they_were_issued(
    claims: dict[str, Any], data: st.DataObject
) -> None:
    spaces = {name: data.draw(st.sampled_from([mobile.SPACE, mobile.OTHER])) for name in claims}
    elements = tuple(MdocElement((name,), space, name) for name, space in spaces.items())
    raw = mobile.issued(claims=claims, mdoc=MdocNames(mobile.DOCTYPE, elements))
    whole = mdoc.verify(mdoc.parse(raw), mobile.SIGNER.public_key, now=mobile.NOW)
    assert whole.claims == claims
    chosen = data.draw(st.sets(st.sampled_from(sorted(claims)), min_size=1))
    response = mdoc.present(
        raw, [(spaces[name], name) for name in chosen], mobile.DEVICE, transcript=mobile.TRANSCRIPT
    )
    (parsed,) = mdoc.parse_response(response)
    terms = {"now": mobile.NOW, "expected": Expected(holder_binding_required=True)}
    shown = mdoc.verify_presentation(parsed, mobile.SIGNER.public_key, transcript=mobile.TRANSCRIPT, **terms)
    assert shown.claims == {name: claims[name] for name in chosen}
    assert shown.holder_proven
    with pytest.raises(HolderBindingRefused):
        mdoc.verify_presentation(parsed, mobile.SIGNER.public_key, transcript=b"\x80", **terms)
