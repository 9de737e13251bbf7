"""The structure of VCDM 2.0: every case of the checklist, on issue and on verify."""

import copy
from enum import Enum

import pytest

from tegata.formats.credential import FormatRefused
from tegata.formats.vcdm import model
from tests.tegata.formats.data_integrity.support import V2

_CREDENTIAL = {
    "@context": [V2],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential"],
    "issuer": "did:web:school.example",
    "validFrom": "2026-03-01T00:00:00Z",
    "credentialSubject": {"id": "did:key:z6Mk"},
}
_PRESENTATION = {"@context": [V2], "type": "VerifiablePresentation", "holder": "did:key:z6Mk"}


class _Missing(Enum):
    """Its name is the same in every process, as the ids of tests have to be."""

    MISSING = "missing"


_MISSING = _Missing.MISSING


def _changed(document, changes):
    changed = copy.deepcopy(document) | changes
    return {name: value for name, value in changed.items() if value is not _MISSING}


def _case(rule, **changes):
    changes = {name.replace("context", "@context"): value for name, value in changes.items()}
    return pytest.param(changes, id=f"{rule} {changes}"[:90])


_TYPED = ("credentialStatus", "termsOfUse", "evidence", "refreshService", "confidenceMethod", "renderMethod")
_RESOURCE = {"id": "https://a.example/1", "digestSRI": "sha384-x"}

REFUSED = [
    _case("A2", id=["urn:uuid:1"]),
    _case("A2", issuer=["did:web:school.example"]),
    _case("A2", validFrom=["2026-03-01T00:00:00Z"]),
    _case("A2", validUntil=["2026-03-01T00:00:00Z"]),
    _case("C1", context=_MISSING),
    _case("C1", context=V2),
    _case("C1", context=[]),
    _case("C2", context=["https://school.example/1", V2]),
    _case("C2", context=[{"a": "https://a.example/a"}, V2]),
    _case("C2", context=["http://www.w3.org/ns/credentials/v2"]),
    _case("C3", context=[V2, 5]),
    _case("C3", context=[V2, True]),
    _case("C3", context=[V2, None]),
    _case("C3", context=[V2, [V2]]),
    _case("C4", context=[V2, "https: //a.example/"]),
    _case("C4", context=[V2, "relative"]),
    _case("I1", id=None),
    _case("I1", id=5),
    _case("I1", id="relative"),
    _case("I1", id="not a url"),
    _case("I1", credentialSubject={"id": ["did:x:y"]}),
    _case("I1", credentialSubject={"id": None}),
    _case("I1", credentialSubject=[{"id": "did:x:y"}, {"id": "relative"}]),
    *(_case("I1", **{name: {"type": "T", "id": "relative"}}) for name in _TYPED),
    _case("T1", type=_MISSING),
    _case("T1", type=None),
    _case("T1", type=[]),
    _case("T1", type=["VerifiableCredential", 5]),
    _case("T1", type=["VerifiableCredential", ""]),
    _case("T1", type={"a": "VerifiableCredential"}),
    _case("T1", type="GraduationCredential"),
    *(_case("T4", **{name: {}}) for name in _TYPED),
    *(_case("T4", **{name: {"id": "https://a.example/1"}}) for name in _TYPED),
    *(_case("T4", **{name: [{"type": "T"}, {"type": 5}]}) for name in _TYPED),
    *(_case("S", **{name: "https://a.example/1"}) for name in _TYPED),
    *(_case("S", **{name: []}) for name in _TYPED),
    _case("N1", name=5),
    _case("N1", name={"@language": "ja"}),
    _case("N1", name={"@value": 5}),
    _case("N1", name={"@value": "x", "url": "https://a.example/"}),
    _case("N1", name={"@value": "x", "@direction": "up"}),
    _case("N1", name={"@value": "x", "@direction": ["ltr"]}),
    _case("N1", description=["x", {"@value": "x", "@type": "T"}]),
    _case("N1", issuer={"id": "did:x:y", "name": ["x", 5]}),
    _case("N2", name={"@value": "x", "@language": "ja_JP"}),
    _case("N2", name={"@value": "x", "@language": 5}),
    _case("D1", validFrom="Sun, 01 Mar 2026 00:00:00 GMT"),
    _case("D1", validFrom="2026-03-01"),
    _case("D1", validFrom="2026-02-30T00:00:00Z"),
    _case("D1", validFrom="2026-03-01T00:00:00+15:00"),
    _case("D1", validUntil="soon"),
    _case("D1", validUntil=5),
    _case("D3", validUntil="2026-02-28T23:59:59Z"),
    _case("D3", validUntil="2026-03-01T08:59:59+09:00"),
    _case("S1", issuer=_MISSING),
    _case("S1", issuer=None),
    _case("S1", issuer=5),
    _case("S1", issuer="school"),
    _case("S1", issuer={}),
    _case("S1", issuer={"id": None}),
    _case("S1", issuer={"id": "relative"}),
    _case("S1", issuer={"name": "x"}),
    _case("S2", credentialSubject=_MISSING),
    _case("S2", credentialSubject=None),
    _case("S2", credentialSubject="did:x:y"),
    _case("S2", credentialSubject=5),
    _case("S2", credentialSubject=[]),
    _case("S2", credentialSubject={}),
    _case("S2", credentialSubject=[{"id": "did:x:y"}, {}]),
    _case("S4", credentialSchema={"type": "JsonSchema"}),
    _case("S4", credentialSchema={"id": "https://a.example/1"}),
    _case("S4", credentialSchema={"type": "JsonSchema", "id": "relative"}),
    _case("S8", relatedResource="https://a.example/1"),
    _case("S8", relatedResource=["https://a.example/1"]),
    _case("S8", relatedResource={"digestSRI": "sha384-x"}),
    _case("S8", relatedResource=[_RESOURCE, _RESOURCE]),
    _case("S8", relatedResource={"id": "https://a.example/1"}),
    _case("S8", relatedResource={"id": "relative", "digestSRI": "sha384-x"}),
    _case("S11", proof="x"),
    _case("S11", proof={}),
    _case("S11", proof=[{"type": "T"}, {}]),
]
ACCEPTED = [
    _case("the least"),
    _case("A3", type="VerifiableCredential"),
    _case("A3", credentialSubject=[{"id": "did:x:y"}, {"a": 1}]),
    _case("C3", context=[V2, "https://a.example/1", {"a": "https://a.example/a"}]),
    _case("I1", id=_MISSING),
    _case("T1", type=["GraduationCredential", "VerifiableCredential"]),
    _case("N1", name="x", description={"@value": "x"}),
    _case("N1", name=[{"@value": "x", "@language": "ja-Kana", "@direction": "ltr"}, "x"]),
    _case("D1", validFrom="2026-03-01T24:00:00.123+09:00".replace("24", "23")),
    _case("D1", validFrom="2026-03-01T24:00:00Z"),
    _case("D1", validFrom="2026-03-01T00:00:00-14:00"),
    _case("D2", validFrom="2026-03-01T00:00:00"),
    _case("D3", validUntil="2026-03-01T09:00:00+09:00"),
    _case("D4", validFrom="9998-01-01T00:00:00Z"),
    _case("S1", issuer={"id": "https://school.example/s/7", "name": "x"}),
    *(_case("T4", **{name: [{"type": "T"}, {"type": ["T"], "id": "urn:x:1"}]}) for name in _TYPED),
    _case("S4", credentialSchema={"type": "JsonSchema", "id": "https://a.example/1"}),
    _case("S8", relatedResource=_RESOURCE),
    _case("S11", proof={"type": "DataIntegrityProof"}),
]


@pytest.mark.clause("VCDM 2.0 §4")
@pytest.mark.parametrize("changes", REFUSED)
def test_a_credential_that_breaks_a_rule_is_refused(changes):
    with pytest.raises(FormatRefused) as caught:
        model.check_credential(_changed(_CREDENTIAL, changes))
    assert caught.value.clause


@pytest.mark.clause("VCDM 2.0 §4")
@pytest.mark.parametrize("changes", ACCEPTED)
def test_a_credential_that_keeps_the_rules_is_accepted(changes):
    assert model.check_credential(_changed(_CREDENTIAL, changes)) is None


@pytest.mark.parametrize("document", [None, "x", 5, [], [_CREDENTIAL]])
def test_what_is_no_object_is_no_credential(document):
    with pytest.raises(FormatRefused, match="not an object"):
        model.check_credential(document)


@pytest.mark.clause("VCDM 2.0 §4.13")
@pytest.mark.parametrize(
    "changes",
    [
        _case("C1", context=_MISSING),
        _case("C2", context=["https://school.example/1"]),
        _case("I1", id="relative"),
        _case("T2", type=_MISSING),
        _case("T2", type="VerifiableCredential"),
        _case("P2", verifiableCredential="eyJ.eyJ.x"),
        _case("P2", verifiableCredential=["https://a.example/1"]),
        _case("P2", verifiableCredential=5),
        _case("P2", verifiableCredential=[]),
        _case("P3", verifiableCredential={}),
        _case("P3", verifiableCredential=_CREDENTIAL | {"proof": {"type": "T"}, "type": []}),
        _case("P3", verifiableCredential=[{"type": "EnvelopedVerifiableCredential", "id": "data:x"}]),
        _case("P4", holder="me"),
        _case("P4", holder=None),
        _case("P4", holder={"name": "x"}),
        _case("P4", holder=["did:x:y"]),
        _case("P5", verifiableCredential=[_CREDENTIAL]),
        _case("P6", verifiableCredential=_CREDENTIAL | {"issuer": "did:key:z6Mk"}, holder=_MISSING),
        _case("S11", proof={}),
    ],
)
def test_a_presentation_that_breaks_a_rule_is_refused(changes):
    with pytest.raises(FormatRefused):
        model.check_presentation(_changed(_PRESENTATION, changes), is_secured=True)


_OWN = _CREDENTIAL | {"issuer": {"id": "did:key:z6Mk"}}


@pytest.mark.clause("VCDM 2.0 §4.13")
@pytest.mark.parametrize(
    "changes",
    [
        _case("the least"),
        _case("P4", holder={"id": "did:key:z6Mk", "name": "x"}),
        _case("P4", holder=_MISSING),
        _case("P3", verifiableCredential=_CREDENTIAL | {"proof": {"type": "T"}}),
        _case("P5", verifiableCredential=[_OWN]),
    ],
)
def test_a_presentation_that_keeps_the_rules_is_accepted(changes):
    assert model.check_presentation(_changed(_PRESENTATION, changes), is_secured=True) is None


def test_only_a_secured_presentation_carries_what_its_holder_asserts():
    with pytest.raises(FormatRefused):
        model.check_presentation(_PRESENTATION | {"verifiableCredential": _OWN}, is_secured=False)
