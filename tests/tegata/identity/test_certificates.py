"""Certificates by profile: what they hold, requests that prove possession, what is refused before anything is signed."""

import secrets
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID, NameOID

from tegata.errors import MalformedInput, Misconfigured
from tegata.identity.certificates import (
    PROFILES,
    KeyUse,
    LintRefused,
    OrganisationSubject,
    issue,
    key_of_request,
    policy_of,
    prepare,
    self_signed_root,
    to_pem,
)
from tegata.identity.chain import pem_to_der
from tegata.keys import jwk
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner
from tests.tegata.identity.authority import NOW, SCHOOL, SCHOOL_URI, YEAR, authorities, make


def leaf(use: KeyUse = KeyUse.DOCUMENT, **changes: object) -> x509.Certificate:
    return x509.load_der_x509_certificate(authorities().leaf(use, **changes).certificates[0])


def test_the_subject_names_the_organisation_by_its_codes() -> None:
    subject = [(item.oid, item.value) for item in leaf().subject]
    assert subject == [
        (NameOID.COUNTRY_NAME, "JP"),
        (NameOID.ORGANIZATION_NAME, "例示県"),
        (NameOID.ORGANIZATION_IDENTIFIER, "NTRJP-7000020009997"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "例示県立みらい台高等学校"),
        (NameOID.SERIAL_NUMBER, "D100299999903"),
        (NameOID.COMMON_NAME, "例示県立みらい台高等学校"),
    ]


def test_without_a_school_the_subject_is_the_establishers() -> None:
    name = OrganisationSubject("例示県", "7000020009997").name()
    assert not name.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    assert [item.value for item in name.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["例示県"]


def test_a_long_label_is_cut_between_characters() -> None:
    name = OrganisationSubject("県" * 40, "7000020009997").name()
    assert [item.value for item in name.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["県" * 21]
    assert [item.value for item in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] == ["県" * 40]


def test_a_school_is_named_by_its_uri_alone() -> None:
    names = leaf().extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.UniformResourceIdentifier(SCHOOL_URI)]


@pytest.mark.parametrize("use", [use for use, profile in PROFILES.items() if not profile.is_of_mdoc])
def test_each_use_is_marked_by_a_policy_of_its_own(use: KeyUse) -> None:
    policies = [policy_of(other) for other in PROFILES]
    assert policies.count(policy_of(use)) == 1
    assert str(policy_of(use).dotted_string).startswith("2.25.")


@pytest.mark.parametrize("use", [KeyUse.ACCESS_TOKEN, KeyUse.AUDIT])
def test_some_uses_have_no_certificates(use: KeyUse) -> None:
    assert policy_of(use) is None
    with pytest.raises(Misconfigured):
        prepare(use, SCHOOL, authorities().root_key.public_key, now=NOW, valid_for=YEAR)


@pytest.mark.clause("RFC 5280 §4.2.1.3")
def test_a_leaf_signs_and_certifies_nobody() -> None:
    extensions = leaf().extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.key_cert_sign, usage.value.crl_sign) == (
        True,
        False,
        False,
    )
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert not constraints.value.ca


def test_authorities_certify_and_sign_nothing_else() -> None:
    for der, length in ((authorities().root, 1), (authorities().intermediate, 0)):
        extensions = x509.load_der_x509_certificate(der).extensions
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        assert (usage.digital_signature, usage.key_cert_sign, usage.crl_sign) == (False, True, True)
        assert extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == length
        assert ExtensionOID.SUBJECT_ALTERNATIVE_NAME not in {item.oid for item in extensions}


def test_key_identifiers_lead_from_a_leaf_to_its_authority() -> None:
    upper = x509.load_der_x509_certificate(authorities().intermediate)
    own = upper.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    named = leaf().extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert named.key_identifier == own.digest


def test_serial_numbers_are_positive_different_and_long() -> None:
    found = {leaf().serial_number for _ in range(20)}
    assert len(found) == 20
    assert all(0 < number < 2**127 for number in found)
    assert max(found).bit_length() > 64


@pytest.mark.parametrize("fill", [0x00, 0xFF])
def test_a_serial_number_is_positive_whatever_the_random_bytes(fill: int) -> None:
    number = leaf(random=lambda size: bytes([fill]) * size).serial_number
    assert 0 < number < 2**159


def test_the_period_is_in_whole_seconds() -> None:
    found = leaf(now=NOW + timedelta(microseconds=999_999))
    assert found.not_valid_before_utc == NOW
    assert found.not_valid_after_utc == NOW + YEAR


@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_authorities_of_every_algorithm_certify(algorithm: Algorithm) -> None:
    made = make(algorithm)
    x509.load_der_x509_certificate(made.intermediate).verify_directly_issued_by(
        x509.load_der_x509_certificate(made.root)
    )


def test_what_breaks_a_rule_is_never_signed() -> None:
    class Unused:
        public_key = authorities().intermediate_key.public_key

        def sign_certificate(self, _builder: x509.CertificateBuilder) -> x509.Certificate:
            raise AssertionError("signed")

    with pytest.raises(LintRefused):
        authorities().leaf(issuer=Unused(), uris=())
    with pytest.raises(LintRefused):
        self_signed_root(Unused(), "ルート", now=NOW, valid_for=30 * YEAR, random=secrets.token_bytes)


def test_another_authoritys_key_cannot_sign_in_its_name() -> None:
    with pytest.raises(Misconfigured):
        authorities().leaf(issuer=SoftwareSigner.generate())


@pytest.mark.clause("RFC 5280 appendix A.1")
def test_a_subject_that_is_no_text_is_refused() -> None:
    with pytest.raises(MalformedInput):
        prepare(
            KeyUse.DOCUMENT,
            OrganisationSubject("\ud800"),
            authorities().root_key.public_key,
            now=NOW,
            valid_for=YEAR,
        )


def test_an_empty_establisher_is_refused() -> None:
    with pytest.raises(LintRefused):
        authorities().leaf(subject=OrganisationSubject("", "7000020009997"))


@pytest.mark.clause("RFC 2986 §4.2")
@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_the_key_of_a_request_is_read(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    found = key_of_request(signer.certificate_request(SCHOOL.name()))
    assert jwk.thumbprint(found) == signer.public_key.key_id


def _csr(private: object) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(SCHOOL.name())
    return builder.sign(private, hashes.SHA256()).public_bytes(Encoding.DER)


def test_a_request_that_proves_nothing_is_refused() -> None:
    der = bytearray(SoftwareSigner.generate().certificate_request(SCHOOL.name()))
    der[-1] ^= 1
    with pytest.raises(MalformedInput):
        key_of_request(bytes(der))


def test_the_key_of_another_cannot_be_put_into_a_request() -> None:
    mine, other = SoftwareSigner.generate(), SoftwareSigner.generate()
    own, foreign = (
        signer.public_key.material.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        for signer in (mine, other)
    )
    der = mine.certificate_request(SCHOOL.name())
    assert own in der
    with pytest.raises(MalformedInput):
        key_of_request(der.replace(own, foreign))


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"x",
        b"\x30\x00",
        b"\x30" * 20_000,
        SoftwareSigner.generate().certificate_request(SCHOOL.name())[:-10],
        authorities().root,
        _csr(rsa.generate_private_key(65537, 2048)),
        _csr(ec.generate_private_key(ec.SECP521R1())),
    ],
)
def test_what_is_no_request_of_ours_is_refused(der: bytes) -> None:
    with pytest.raises(MalformedInput):
        key_of_request(der)


def test_pem_and_der_lead_to_each_other() -> None:
    chain = (authorities().intermediate, authorities().root)
    pem = to_pem(chain)
    assert pem.count(b"BEGIN CERTIFICATE") == 2
    assert pem_to_der(pem) == chain


def test_an_intermediate_below_an_intermediate_is_refused() -> None:
    with pytest.raises(LintRefused):
        issue(
            KeyUse.INTERMEDIATE,
            OrganisationSubject("下位"),
            SoftwareSigner.generate().public_key,
            issuer=authorities().intermediate_key,
            issuer_certificate=authorities().intermediate,
            now=NOW,
            valid_for=YEAR,
            random=secrets.token_bytes,
        )
