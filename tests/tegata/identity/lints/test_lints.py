"""Each rule of a certificate, with a sample that breaks it and no other."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tegata.identity.certificates import KeyUse, LintRefused, OrganisationSubject, prepare, rules
from tegata.identity.lints import lint
from tegata.identity.profiles import Request
from tegata.keys.signer import Algorithm, PublicKey
from tegata.keys.software import SoftwareSigner
from tests.tegata.identity.authority import (
    NOW,
    SCHOOL,
    SCHOOL_URI,
    YEAR,
    Crafted,
    authorities,
    authority_extensions,
    mobile,
)

KEY = SoftwareSigner.generate().public_key
INTERMEDIATE = x509.load_der_x509_certificate(authorities().intermediate)
ROOT = x509.load_der_x509_certificate(authorities().root)


def request(use: KeyUse = KeyUse.DOCUMENT, **changes: Any) -> Request:
    options = {"uris": (SCHOOL_URI,), "valid_for": YEAR, "now": NOW, **changes}
    subject = options.pop("subject", SCHOOL)
    key = options.pop("key", KEY)
    return prepare(use, subject, key, **options)


def named(*extra: tuple[ObjectIdentifier, str], without: ObjectIdentifier | None = None) -> Request:
    parts = [(item.oid, str(item.value)) for item in SCHOOL.name() if item.oid != without]
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in (*parts, *extra)])
    return dataclasses.replace(request(), subject=name)


def authority(**changes: Any) -> x509.Certificate:
    crafted = Crafted(**{"extensions": authority_extensions(), "not_after": NOW + 5 * YEAR, **changes})
    return x509.load_der_x509_certificate(crafted.signed_by(crafted.key, crafted.subject))


def broken(subject: Request, signer: x509.Certificate | None = INTERMEDIATE) -> list[str]:
    try:
        lint(subject, signer)
    except LintRefused as refused:
        return [rule.name for rule in refused.broken]
    return []


@pytest.mark.parametrize(
    ("subject", "signer"),
    [
        (request(), INTERMEDIATE),
        (request(KeyUse.COPY), INTERMEDIATE),
        (request(KeyUse.STATUS), INTERMEDIATE),
        (request(KeyUse.METADATA), INTERMEDIATE),
        (request(key=SoftwareSigner.generate(Algorithm.EDDSA).public_key), INTERMEDIATE),
        (request(key=SoftwareSigner.generate(Algorithm.ES384).public_key), INTERMEDIATE),
        (request(subject=OrganisationSubject("例示県", "7000020009997")), INTERMEDIATE),
        (request(KeyUse.REQUEST_SIGNING, uris=(), dns_names=("a.example", "localhost")), INTERMEDIATE),
        (request(KeyUse.TRUST_LIST, uris=(), subject=OrganisationSubject("運営")), INTERMEDIATE),
        (request(KeyUse.INTERMEDIATE, uris=(), subject=OrganisationSubject("中間")), ROOT),
        (request(KeyUse.ROOT, uris=(), subject=OrganisationSubject("ルート"), valid_for=20 * YEAR), None),
        (request(uris=("http://localhost:8001/s/0123",)), INTERMEDIATE),
    ],
)
def test_a_request_by_its_profile_breaks_no_rule(subject: Request, signer: x509.Certificate | None) -> None:
    assert broken(subject, signer) == []


SUBJECT_RULES: list[tuple[str, Callable[[], Request]]] = [
    ("the country is JP, once", lambda: named(without=NameOID.COUNTRY_NAME)),
    ("the country is JP, once", lambda: named((NameOID.COUNTRY_NAME, "JP"))),
    ("the country is JP, once", lambda: named((NameOID.COUNTRY_NAME, "US"), without=NameOID.COUNTRY_NAME)),
    ("there is one common name", lambda: named(without=NameOID.COMMON_NAME)),
    ("there is one common name", lambda: named((NameOID.COMMON_NAME, "もうひとつ"))),
    *(
        ("no person is named in an organisation's certificate", lambda oid=oid: named((oid, "x@y.example")))
        for oid in (
            NameOID.GIVEN_NAME,
            NameOID.SURNAME,
            NameOID.EMAIL_ADDRESS,
            NameOID.PSEUDONYM,
            NameOID.TITLE,
            NameOID.INITIALS,
        )
    ),
    (
        "the legal person is named by its 法人番号, NTRJP-…",
        lambda: named(without=NameOID.ORGANIZATION_IDENTIFIER),
    ),
    *(
        (
            "the legal person is named by its 法人番号, NTRJP-…",
            lambda value=value: named(
                (NameOID.ORGANIZATION_IDENTIFIER, value), without=NameOID.ORGANIZATION_IDENTIFIER
            ),
        )
        for value in (
            "7000020009997",
            "NTRJP-8000020009997",
            "VATJP-7000020009997",
            "NTRJP-７０００",
            "NTRJP-",
        )
    ),
    (
        "the legal person is named by its 法人番号, NTRJP-…",
        lambda: named((NameOID.ORGANIZATION_IDENTIFIER, "NTRJP-5010005007398")),
    ),
    ("a school is named with its 学校コード, or not at all", lambda: named(without=NameOID.SERIAL_NUMBER)),
    (
        "a school is named with its 学校コード, or not at all",
        lambda: named(without=NameOID.ORGANIZATIONAL_UNIT_NAME),
    ),
    (
        "a school is named with its 学校コード, or not at all",
        lambda: named((NameOID.SERIAL_NUMBER, "D100299999912")),
    ),
    (
        "a school is named with its 学校コード, or not at all",
        lambda: named((NameOID.SERIAL_NUMBER, "d100299999903"), without=NameOID.SERIAL_NUMBER),
    ),
    (
        "a school is named with its 学校コード, or not at all",
        lambda: named((NameOID.SERIAL_NUMBER, "12345"), without=NameOID.SERIAL_NUMBER),
    ),
    (
        "each part of the subject has 1 to 64 characters",
        lambda: request(subject=OrganisationSubject("県" * 65, "7000020009997")),
    ),
]
NAME_RULES: list[tuple[str, Callable[[], Request]]] = [
    ("one URI names the credential issuer, where the profile asks for it", lambda: request(uris=())),
    (
        "one URI names the credential issuer, where the profile asks for it",
        lambda: request(uris=(SCHOOL_URI, "https://x.example")),
    ),
    (
        "one URI names the credential issuer, where the profile asks for it",
        lambda: request(KeyUse.TRUST_LIST, uris=(SCHOOL_URI, "https://x.example")),
    ),
    *(
        ("URIs are https identifiers without query or fragment", lambda uri=uri: request(uris=(uri,)))
        for uri in (
            "http://issuer.example/s",
            "https://issuer.example/s?x",
            "https://issuer.example/s#x",
            "https://user@issuer.example/s",
            "https:///s",
            "https://issuer.example/a b",
            "https://issuer.example/校",
            "https://[::1/s",
            "urn:x:y",
            "ftp://issuer.example",
            "http://localhost.evil.example/s",
        )
    ),
    ("DNS names only for request signing", lambda: request(dns_names=("a.example",))),
    *(
        (
            "DNS names are host names in lower case, no wildcards",
            lambda name=name: request(KeyUse.REQUEST_SIGNING, uris=(), dns_names=(name,)),
        )
        for name in (
            "*.example",
            "A.example",
            "-a.example",
            "a-.example",
            "a..example",
            ".example",
            "a.example.",
            "a" * 64,
            ".".join(["a" * 60] * 5),
            "a_b.example",
            "192.0.2.1",
            "2130706433",
            "",
        )
    ),
]
ISSUER_RULES: list[tuple[str, Callable[[], Request], Callable[[], x509.Certificate | None]]] = [
    (
        "the key is P-256, P-384 or Ed25519",
        lambda: request(key=PublicKey(Algorithm.ES256, ec.generate_private_key(ec.SECP521R1()).public_key())),
        lambda: INTERMEDIATE,
    ),
    (
        "the lifetime is positive and within the profile's",
        lambda: request(valid_for=timedelta()),
        lambda: INTERMEDIATE,
    ),
    (
        "the lifetime is positive and within the profile's",
        lambda: request(KeyUse.COPY, valid_for=timedelta(days=401)),
        lambda: INTERMEDIATE,
    ),
    (
        "the lifetime is positive and within the profile's",
        lambda: request(valid_for=timedelta(days=1_187)),
        lambda: INTERMEDIATE,
    ),
    (
        "the period lies within the authority's",
        request,
        lambda: authority(not_after=NOW + timedelta(days=364)),
    ),
    (
        "the period lies within the authority's",
        request,
        lambda: authority(not_before=NOW + timedelta(seconds=1)),
    ),
    ("a certification authority issues it", request, lambda: None),
    ("a certification authority issues it", request, lambda: authority(extensions={})),
    (
        "a certification authority issues it",
        request,
        lambda: authority(
            extensions={
                **authority_extensions(),
                "constraints": (x509.BasicConstraints(ca=False, path_length=None), True),
            }
        ),
    ),
    (
        "the authority's path length leaves room for it",
        lambda: request(KeyUse.INTERMEDIATE, uris=(), subject=OrganisationSubject("下位")),
        lambda: authority(extensions=authority_extensions(path_length=0)),
    ),
    (
        "it is not issued to the authority's own key",
        lambda: request(key=authorities().intermediate_key.public_key),
        lambda: INTERMEDIATE,
    ),
]


IACA = x509.load_der_x509_certificate(mobile().iaca)


def signer_request(**changes: Any) -> Request:
    """A request for a document signer, as `issue` completes it from the IACA's certificate."""
    fields = {"issuer_uris": ("https://operator.example",), **changes}
    return dataclasses.replace(request(KeyUse.MDOC_DS), **fields)


def iaca_request(**changes: Any) -> Request:
    subject = OrganisationSubject("例示運営機構 IACA")
    made = request(KeyUse.IACA, uris=(), subject=subject, valid_for=20 * YEAR)
    return dataclasses.replace(made, **{"issuer_uris": ("https://operator.example",), **changes})


def elsewhere(oid: ObjectIdentifier, value: str) -> x509.Certificate:
    """An IACA of another country or state."""
    name = x509.Name([*(item for item in IACA.subject if item.oid != oid), x509.NameAttribute(oid, value)])
    extensions = {str(item.oid): (item.value, item.critical) for item in IACA.extensions}
    return authority(subject=name, extensions=extensions)


_COUNTRY = "a document signer is of its IACA's country and state"
_ABOVE = "an IACA certifies document signers, and nobody else does"
_OPERATOR = "an IACA and its signers say where the operator is found"
_LISTS = "lists of revoked certificates are web addresses"
MDOC_RULES: list[tuple[str, Callable[[], Request], Callable[[], x509.Certificate | None]]] = [
    (_COUNTRY, signer_request, lambda: elsewhere(NameOID.COUNTRY_NAME, "KR")),
    (_COUNTRY, signer_request, lambda: elsewhere(NameOID.STATE_OR_PROVINCE_NAME, "例示県")),
    (_ABOVE, signer_request, lambda: INTERMEDIATE),
    (_ABOVE, request, lambda: IACA),
    (_OPERATOR, lambda: signer_request(issuer_uris=()), lambda: IACA),
    (_OPERATOR, lambda: iaca_request(issuer_uris=()), lambda: None),
    (_OPERATOR, lambda: iaca_request(issuer_uris=("https://[::1",)), lambda: None),
    (
        _OPERATOR,
        lambda: dataclasses.replace(request(), issuer_uris=("https://operator.example",)),
        lambda: INTERMEDIATE,
    ),
    (_LISTS, lambda: iaca_request(revocation_urls=("ldap://operator.example/crl",)), lambda: None),
    (
        _LISTS,
        lambda: dataclasses.replace(request(), revocation_urls=("https://operator.example/crl",)),
        lambda: INTERMEDIATE,
    ),
    (
        "the lifetime is positive and within the profile's",
        lambda: dataclasses.replace(signer_request(), not_after=NOW + timedelta(days=458)),
        lambda: IACA,
    ),
    (
        "the lifetime is positive and within the profile's",
        lambda: iaca_request(not_after=NOW + timedelta(days=7_306)),
        lambda: None,
    ),
]


@pytest.mark.clause("ISO/IEC 18013-5 Annex B")
@pytest.mark.parametrize(("rule", "make", "signer"), MDOC_RULES)
def test_a_rule_of_mobile_documents_is_broken_alone(
    rule: str, make: Callable[[], Request], signer: Callable[[], x509.Certificate | None]
) -> None:
    assert broken(make(), signer()) == [rule]


def test_a_document_signer_and_its_iaca_break_no_rule() -> None:
    assert broken(signer_request(), IACA) == []
    assert broken(iaca_request(revocation_urls=("https://operator.example/crl",)), None) == []


@pytest.mark.parametrize(("rule", "make"), SUBJECT_RULES + NAME_RULES)
def test_a_rule_of_subject_or_names_is_broken_alone(rule: str, make: Callable[[], Request]) -> None:
    assert broken(make()) == [rule]


@pytest.mark.parametrize(("rule", "make", "signer"), ISSUER_RULES)
def test_a_rule_of_key_period_or_authority_is_broken_alone(
    rule: str, make: Callable[[], Request], signer: Callable[[], x509.Certificate | None]
) -> None:
    assert broken(make(), signer()) == [rule]


def test_every_rule_has_a_sample_that_breaks_it() -> None:
    samples = {item[0] for item in (*SUBJECT_RULES, *NAME_RULES, *ISSUER_RULES, *MDOC_RULES)}
    assert samples == {rule.name for rule in rules()}
    assert all(rule.citation for rule in rules())


def test_a_refusal_names_all_rules_that_are_broken() -> None:
    with pytest.raises(LintRefused) as refused:
        lint(request(uris=(), valid_for=9 * YEAR, dns_names=("*.x",)), INTERMEDIATE)
    assert len(refused.value.broken) == 4
    assert "SD-JWT VC §2.5" in refused.value.detail


def test_below_what_is_no_authority_there_is_no_room_either() -> None:
    wanted = request(KeyUse.INTERMEDIATE, uris=(), subject=OrganisationSubject("下位"))
    assert broken(wanted, authority(extensions={})) == [
        "a certification authority issues it",
        "the authority's path length leaves room for it",
    ]
