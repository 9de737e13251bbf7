"""Each rule alone: what breaks it breaks no other, and no rule is without a document that breaks it."""

from collections.abc import Mapping
from typing import Any

import pytest

from tegata.formats.credential import FormatRefused
from tegata.formats.vcdm import model
from tegata.formats.vcdm.legacy import Legacy

_OLD = frozenset({Legacy.VCDM_1_1})
_CREDENTIAL: dict[str, Any] = {
    "@context": [model.BASE_CONTEXT],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential"],
    "issuer": {"id": "did:web:school.example", "name": "School"},
    "validFrom": "2026-03-01T00:00:00Z",
    "validUntil": "2027-03-01T00:00:00+09:00",
    "credentialSubject": [{"id": "did:key:z6Mk"}],
    "credentialStatus": {"type": "BitstringStatusListEntry"},
    "credentialSchema": {"id": "https://a.example/schema", "type": "JsonSchema"},
    "relatedResource": [{"id": "https://a.example/1", "digestSRI": "sha384-x"}],
    "proof": {"type": "DataIntegrityProof"},
}
_PRESENTATION: dict[str, Any] = {
    "@context": [model.BASE_CONTEXT],
    "id": "urn:uuid:2",
    "type": ["VerifiablePresentation"],
    "holder": "did:key:z6Mk",
    "verifiableCredential": [_CREDENTIAL],
    "proof": {"type": "DataIntegrityProof"},
}
_CREDENTIAL_1_1: dict[str, Any] = {
    "@context": [model.BASE_CONTEXT_1_1, "https://w3id.org/security/data-integrity/v2"],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential"],
    "issuer": "did:web:school.example",
    "issuanceDate": "2026-03-01T00:00:00Z",
    "expirationDate": "2027-03-01T00:00:00Z",
    "credentialSubject": {"id": "did:key:z6Mk"},
    "credentialStatus": {"id": "https://a.example/status#1", "type": "StatusList2021Entry"},
    "credentialSchema": {"id": "https://a.example/schema", "type": "JsonSchemaValidator2018"},
    "proof": {"type": "DataIntegrityProof"},
}
_PRESENTATION_1_1: dict[str, Any] = {
    **_PRESENTATION,
    "@context": [model.BASE_CONTEXT_1_1],
    "verifiableCredential": _CREDENTIAL_1_1,
}

#: By rule: what is changed in a document that keeps every rule.
_BREAKS: Mapping[str, Mapping[str, Any]] = {
    "single-values": {"validUntil": ["2027-03-01T00:00:00Z"]},
    "no-nulls": {"termsOfUse2": None},
    "contexts": {"@context": []},
    "identifier": {"id": "1"},
    "identifiers-inside": {"credentialSubject": {"id": "taro"}},
    "credential-type": {"type": ["OtherCredential"]},
    "presentation-type": {"type": ["OtherPresentation"]},
    "issuer": {"issuer": {"name": "School"}},
    "texts": {"description": {"@value": "x", "lang": "ja"}},
    "validity": {"validUntil": "2025-01-01T00:00:00Z"},
    "dates": {"expirationDate": "2025-01-01T00:00:00Z"},
    "subject": {"credentialSubject": [{"name": "x"}, {}]},
    "typed-objects": {"evidence": [{"id": "urn:uuid:9"}]},
    "schemas": {"credentialSchema": {"type": "JsonSchema"}},
    "related-resources": {"relatedResource": {"id": "https://a.example/1"}},
    "named-objects": {"credentialStatus": {"type": "StatusList2021Entry"}},
    "holder": {"holder": "taro"},
    "inner-objects": {"verifiableCredential": ["eyJ.eyJ.x"]},
    "proof": {"proof": [{"cryptosuite": "eddsa-rdfc-2022"}]},
}
#: The arrays of 1.1 are other members' than those of 2.0.
_BREAKS_1_1 = {**_BREAKS, "single-values": {"expirationDate": ["2027-03-01T00:00:00Z"]}}
_SETS = {
    "a credential": (model.CREDENTIAL_RULES, _CREDENTIAL, _BREAKS),
    "a presentation": (model.PRESENTATION_RULES, _PRESENTATION, _BREAKS),
    "a credential of 1.1": (model.CREDENTIAL_RULES_1_1, _CREDENTIAL_1_1, _BREAKS_1_1),
    "a presentation of 1.1": (model.PRESENTATION_RULES_1_1, _PRESENTATION_1_1, _BREAKS_1_1),
}
_EACH = [
    pytest.param(rules, document, rule, breaks[rule.name], id=f"{rule.name} of {kind}")
    for kind, (rules, document, breaks) in _SETS.items()
    for rule in rules
]


def _check(document):
    if "holder" in document:
        model.check_presentation(document, is_secured=True, legacy=_OLD)
    else:
        model.check_credential(document, legacy=_OLD)


@pytest.mark.parametrize(("rules", "document", "_breaks"), _SETS.values(), ids=_SETS)
def test_a_good_document_breaks_no_rule(rules, document, _breaks):
    assert model.findings(document, rules) == ()


@pytest.mark.clause("VCDM 2.0 §1.3")
@pytest.mark.parametrize(("rules", "document", "rule", "change"), _EACH)
def test_each_rule_finds_what_breaks_it_and_nothing_else(rules, document, rule, change):
    found, *others = model.findings({**document, **change}, rules)
    assert found.rule == rule.name
    assert found.clause
    assert found.detail
    # A date in an array is no date, either: the rule of its value says so as well.
    assert len(others) == (rule.name == "single-values")


@pytest.mark.parametrize(("rules", "document", "rule", "change"), _EACH)
def test_whatever_breaks_a_rule_is_refused(rules, document, rule, change):
    del rules, rule
    broken = {**document, **change}
    with pytest.raises(FormatRefused):
        _check(broken)


def test_a_report_tells_every_broken_rule_at_once():
    broken = {**_CREDENTIAL, **_BREAKS["validity"], **_BREAKS["issuer"], **_BREAKS["proof"]}
    assert [item.rule for item in model.findings(broken, model.CREDENTIAL_RULES)] == [
        "issuer",
        "validity",
        "proof",
    ]


def test_names_of_rules_are_given_once():
    for rules, _document, _breaks in _SETS.values():
        names = [rule.name for rule in rules]
        assert len(set(names)) == len(names)


@pytest.mark.clause("VCDM 1.1 §4.1")
def test_documents_of_1_1_are_refused_by_who_was_not_told_to_read_them():
    model.check_credential(_CREDENTIAL_1_1, legacy=_OLD)
    model.check_presentation(_PRESENTATION_1_1, is_secured=True, legacy=_OLD)
    with pytest.raises(FormatRefused, match="credentials/v2"):
        model.check_credential(_CREDENTIAL_1_1)
    with pytest.raises(FormatRefused, match="credentials/v2"):
        model.check_presentation(_PRESENTATION_1_1, is_secured=True)


def test_a_presentation_of_2_0_may_hold_a_credential_of_1_1():
    mixed = {**_PRESENTATION, "verifiableCredential": [_CREDENTIAL, _CREDENTIAL_1_1]}
    model.check_presentation(mixed, is_secured=True, legacy=_OLD)
    with pytest.raises(FormatRefused):
        model.check_presentation(mixed, is_secured=True)


@pytest.mark.clause("VCDM 1.1 §4.6")
def test_1_1_asks_for_the_date_of_issue():
    broken = {name: value for name, value in _CREDENTIAL_1_1.items() if name != "issuanceDate"}
    with pytest.raises(FormatRefused, match="issuanceDate is missing"):
        model.check_credential(broken, legacy=_OLD)


def test_the_first_context_decides_the_version_and_not_the_dates():
    mixed = {**_CREDENTIAL, "@context": [model.BASE_CONTEXT, model.BASE_CONTEXT_1_1]}
    assert not model.is_version_1_1(mixed)
    assert model.period(mixed) == model.period(_CREDENTIAL)
    start, end = model.period(_CREDENTIAL_1_1)
    assert start is not None
    assert end is not None
    assert (start.year, end.year) == (2026, 2027)
