"""Document signers and IACAs by ISO/IEC 18013-5 Annex B: what ours hold, and each rule broken by name."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from tegata.identity import mdoc_profile
from tegata.identity.certificates import KeyUse, OrganisationSubject
from tegata.identity.chain import ChainRefused, validate_chain
from tegata.identity.profiles import MDOC_SIGNER
from tegata.keys.software import SoftwareSigner
from tests.tegata.identity.authority import NOW, SCHOOL, SCHOOL_URI, YEAR, Crafted, authorities, mobile, usage

M = mobile()
IACA = x509.load_der_x509_certificate(M.iaca)
SIGNER = x509.load_der_x509_certificate(M.signer().certificates[0])
pytestmark = pytest.mark.clause("ISO/IEC 18013-5 Annex B")


def _named(country: str = "JP", *, name: str = "IACA", state: str = "") -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, country),
        (NameOID.STATE_OR_PROVINCE_NAME, state),
        (NameOID.COMMON_NAME, name),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


def _iaca(key: SoftwareSigner, change: dict[str, Any], **fields: Any) -> tuple[bytes, x509.Name]:
    """A self-signed IACA made by hand."""
    extensions = {
        "constraints": (x509.BasicConstraints(ca=True, path_length=0), True),
        "usage": (usage(signs=False, certifies=True), True),
        "key": (x509.SubjectKeyIdentifier.from_public_key(key.public_key.material), False),
        **change,
    }
    subject = fields.pop("subject", _named())
    made = Crafted(key=key, subject=subject, extensions=extensions, not_after=NOW + 15 * YEAR)
    return dataclasses.replace(made, **fields).signed_by(key, subject), subject


def _signer(key: SoftwareSigner, issuer: x509.Name, change: dict[str, Any], **fields: Any) -> bytes:
    """A document signer made by hand."""
    extensions = {
        "usage": (usage(), True),
        "mark": (x509.ExtendedKeyUsage([MDOC_SIGNER]), True),
        "key": (x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key.material), False),
        **change,
    }
    kept = {name: value for name, value in extensions.items() if value is not None}
    return Crafted(**{"extensions": kept, **fields}).signed_by(key, issuer)


def _refused(iaca: dict[str, Any], signer: dict[str, Any], at: timedelta = timedelta(), **fields: Any) -> str:
    """What a chain made by hand is refused for; empty if it is not."""
    key = SoftwareSigner.generate()
    above = {name.removeprefix("iaca_"): value for name, value in fields.items() if name.startswith("iaca_")}
    below = {name: value for name, value in fields.items() if not name.startswith("iaca_")}
    anchor, name = _iaca(key, iaca, **above)
    chain = (_signer(key, name, signer, **below),)
    try:
        validate_chain(chain, anchors=(anchor,), at=NOW + at, use=KeyUse.MDOC_DS)
    except ChainRefused as refused:
        return refused.detail
    return ""


def test_a_signer_is_marked_signs_alone_and_says_where_it_belongs() -> None:
    extensions = {item.oid: item for item in SIGNER.extensions}
    assert extensions[ExtensionOID.EXTENDED_KEY_USAGE].critical
    assert list(extensions[ExtensionOID.EXTENDED_KEY_USAGE].value) == [MDOC_SIGNER]
    assert extensions[ExtensionOID.KEY_USAGE].critical
    assert ExtensionOID.CERTIFICATE_POLICIES not in extensions
    own = IACA.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    named = SIGNER.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert named.key_identifier == own.digest
    for certificate in (IACA, SIGNER):
        operator = certificate.extensions.get_extension_for_class(x509.IssuerAlternativeName).value
        assert list(operator) == [x509.UniformResourceIdentifier("https://operator.example")]
        (point,) = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        assert point.full_name == [x509.UniformResourceIdentifier("https://operator.example/crl")]
        assert (point.reasons, point.crl_issuer) == (None, None)


def test_an_iaca_is_its_own_issuer_and_certifies_one_level() -> None:
    assert IACA.issuer == IACA.subject
    constraints = IACA.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
    assert [item.oid for item in IACA.subject] == [
        NameOID.COUNTRY_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.COMMON_NAME,
    ]


def test_a_signer_of_ours_and_one_made_by_hand_are_believed() -> None:
    found = validate_chain(M.signer().certificates, anchors=(M.iaca,), at=NOW, use=KeyUse.MDOC_DS)
    assert found.uris == (SCHOOL_URI,)
    assert _refused({}, {}) == ""
    signer = _named(state="例示県", name="署名者")
    assert _refused({}, {}, iaca_subject=_named(state="例示県"), subject=signer) == ""


_CA = x509.BasicConstraints(ca=True, path_length=1)
BROKEN: list[tuple[str, Callable[[], str]]] = [
    (
        "the IACA is an authority of path length 0",
        lambda: _refused({"constraints": (_CA, True)}, {}),
    ),
    (
        "the IACA is an authority of path length 0",
        lambda: _refused({"constraints": (x509.BasicConstraints(ca=True, path_length=0), False)}, {}),
    ),
    (
        "the IACA's key certifies and signs revocation lists, nothing else",
        lambda: _refused({"usage": (usage(signs=True, certifies=True), True)}, {}),
    ),
    ("each subject has one country and one common name", lambda: _refused({}, {}, subject=_named(name=""))),
    ("each subject has one country and one common name", lambda: _refused({}, {}, iaca_subject=_named(""))),
    (
        "the signer is of its IACA's country, and of its state if it has one",
        lambda: _refused({}, {}, subject=_named("KR")),
    ),
    (
        "the signer is of its IACA's country, and of its state if it has one",
        lambda: _refused({}, {}, iaca_subject=_named(state="例示県"), subject=_named(state="見本県")),
    ),
    (
        "the signer's key signs, nothing else",
        lambda: _refused({}, {"usage": (usage(signs=True, certifies=True), True)}),
    ),
    ("the signer's key signs, nothing else", lambda: _refused({}, {"usage": (usage(), False)})),
    ("the signer's key signs, nothing else", lambda: _refused({}, {"constraints": (_CA, True)})),
    ("the signer is marked as a document signer, critical", lambda: _refused({}, {"mark": None})),
    (
        "the signer is marked as a document signer, critical",
        lambda: _refused({}, {"mark": (x509.ExtendedKeyUsage([MDOC_SIGNER]), False)}),
    ),
    (
        "the signer is marked as a document signer, critical",
        lambda: _refused(
            {}, {"mark": (x509.ExtendedKeyUsage([MDOC_SIGNER, ExtendedKeyUsageOID.CODE_SIGNING]), True)}
        ),
    ),
    (
        "the signer is marked as a document signer, critical",
        lambda: _refused({}, {"mark": (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), True)}),
    ),
    ("the signer names its IACA's key", lambda: _refused({}, {"key": None})),
    (
        "the IACA lives at most twenty years",
        lambda: _refused({}, {}, iaca_not_after=NOW + timedelta(days=7_306)),
    ),
    (
        "the signer lives at most 457 days",
        lambda: _refused({}, {}, not_after=NOW + timedelta(days=458)),
    ),
]


@pytest.mark.parametrize(("rule", "make"), BROKEN)
def test_each_rule_is_broken_by_name(rule: str, make: Callable[[], str]) -> None:
    assert make() == rule


def test_every_rule_has_a_sample_that_breaks_it() -> None:
    assert {rule for rule, _ in BROKEN} == {rule.name for rule in mdoc_profile.RULES}


@pytest.mark.parametrize("at", [timedelta(seconds=-1), timedelta(days=366)], ids=["before", "after"])
def test_outside_its_period_a_signer_is_refused(at: timedelta) -> None:
    assert _refused({}, {}, at) == "a certificate is outside its period"


def test_an_authority_between_is_refused() -> None:
    key, middle = SoftwareSigner.generate(), SoftwareSigner.generate()
    anchor, name = _iaca(key, {})
    between, lower = _iaca(middle, {}, subject=_named(name="中間"), issuer=name)
    made = Crafted(
        key=middle,
        subject=lower,
        extensions={
            "constraints": (x509.BasicConstraints(ca=True, path_length=0), True),
            "usage": (usage(signs=False, certifies=True), True),
        },
    ).signed_by(key, name)
    assert between != made
    with pytest.raises(ChainRefused, match="the path is longer than an authority allows"):
        validate_chain((_signer(middle, lower, {}), made), anchors=(anchor,), at=NOW, use=KeyUse.MDOC_DS)


def test_below_our_own_authorities_a_school_has_no_document_signer() -> None:
    leaf = authorities().leaf().certificates
    with pytest.raises(ChainRefused, match="the IACA itself certifies the signer"):
        validate_chain(leaf, anchors=(authorities().root,), at=NOW, use=KeyUse.MDOC_DS)
    with pytest.raises(ChainRefused):
        validate_chain(M.signer().certificates, anchors=(M.iaca,), at=NOW, use=KeyUse.DOCUMENT)


def test_without_a_school_a_signer_is_its_establishers() -> None:
    bare = M.signer(subject=OrganisationSubject(SCHOOL.establisher, SCHOOL.corporate_number))
    found = validate_chain(bare.certificates, anchors=(M.iaca,), at=NOW, use=KeyUse.MDOC_DS)
    assert found.school_code == ""
