"""Chains: what leads to a pinned anchor, and each way not to."""

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from tegata.identity.certificates import KeyUse, OrganisationSubject, policy_of
from tegata.identity.chain import ChainRefused, leaf_key, pem_to_der, validate_chain
from tegata.keys.software import SoftwareSigner
from tests.tegata.identity.authority import (
    NOW,
    SCHOOL_URI,
    YEAR,
    Crafted,
    authorities,
    authority_extensions,
    leaf_extensions,
    make,
    usage,
)

A = authorities()
GOOD = A.leaf().certificates


def validate(
    chain: tuple[bytes, ...] = GOOD,
    *,
    anchors: tuple[bytes, ...] = (A.root,),
    at: datetime = NOW,
    use: KeyUse = KeyUse.DOCUMENT,
) -> Any:
    return validate_chain(chain, anchors=anchors, at=at, use=use)


def subject_of(der: bytes) -> x509.Name:
    return x509.load_der_x509_certificate(der).subject


def crafted_leaf(
    change: dict[str, Any] | None = None, signer: Any = None, **fields: Any
) -> tuple[bytes, ...]:
    """A chain whose leaf is made by hand."""
    extensions = {**leaf_extensions(), **(change or {})}
    kept = {name: value for name, value in extensions.items() if value is not None}
    made = Crafted(extensions=kept, **fields)
    return made.signed_by(signer or A.intermediate_key, subject_of(A.intermediate)), A.intermediate


def crafted_intermediate(extensions: dict[str, Any], **fields: Any) -> tuple[bytes, ...]:
    """A chain whose intermediate is made by hand."""
    middle = Crafted(subject=OrganisationSubject("中間").name(), extensions=extensions, **fields)
    upper = middle.signed_by(A.root_key, subject_of(A.root))
    leaf = Crafted(extensions=leaf_extensions()).signed_by(middle.key, middle.subject)
    return leaf, upper


def test_a_good_chain_returns_what_its_leaf_says() -> None:
    signer = A.leaf()
    found = validate(signer.certificates)
    assert found.public_key == signer.public_key
    assert found.uris == (SCHOOL_URI,)
    assert found.dns_names == ()
    assert found.organisation_identifier == "NTRJP-7000020009997"
    assert found.school_code == "D100299999903"
    assert (found.not_before, found.not_after) == (NOW, NOW + YEAR)
    assert "例示県立みらい台高等学校" in found.subject


def test_chains_made_by_hand_hold_when_nothing_is_wrong_with_them() -> None:
    assert validate(crafted_leaf()).uris == ()
    assert validate(crafted_intermediate(authority_extensions())).uris == ()


def test_one_of_several_anchors_is_enough() -> None:
    assert validate(anchors=(make().root, A.root))


def test_an_anchor_that_was_renewed_under_the_same_name_is_tried_as_well() -> None:
    twin = make()
    assert validate(anchors=(twin.root, A.root))
    assert validate(twin.leaf().certificates, anchors=(A.root, twin.root))


def test_a_leaf_may_stand_directly_under_an_anchor() -> None:
    leaf = Crafted(extensions=leaf_extensions()).signed_by(A.root_key, subject_of(A.root))
    assert validate((leaf,))


def test_the_period_holds_to_both_ends() -> None:
    assert validate(at=NOW)
    assert validate(at=NOW + YEAR)


_VERSION = b"\xa0\x03\x02\x01\x02"  # the serial number comes next: its tag, its length, its bytes
_SERIAL = GOOD[0][GOOD[0].index(_VERSION) :][: len(_VERSION) + 3]
_NEGATIVE = (_SERIAL, _SERIAL[:-1] + bytes([_SERIAL[-1] | 0x80]))


def _edited(der: bytes, old: bytes, new: bytes) -> bytes:
    assert old in der
    return der.replace(old, new, 1)


def _with_spare_bit(der: bytes) -> bytes:
    """The same certificate, its signature's last bit declared to be none."""
    length = len(x509.load_der_x509_certificate(der).signature)
    return der[: -length - 1] + b"\x01" + der[-length:-1] + bytes([der[-1] & 0xFE])


def _flip(der: bytes) -> bytes:
    return der[:-1] + bytes([der[-1] ^ 1])


def _rsa_signed(digest: hashes.HashAlgorithm) -> tuple[bytes, ...]:
    """A chain whose upper key is RSA, as an authority of others may have."""
    private = rsa.generate_private_key(65537, 2048)
    name = OrganisationSubject("他の中間").name()

    def build(
        subject: x509.Name, issuer: x509.Name, key: Any, extensions: dict[str, Any]
    ) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
        builder = builder.serial_number(5).not_valid_before(NOW).not_valid_after(NOW + YEAR)
        for extension, is_critical in extensions.values():
            builder = builder.add_extension(extension, is_critical)
        return builder

    upper = A.root_key.sign_certificate(
        build(name, subject_of(A.root), private.public_key(), authority_extensions())
    )
    key = SoftwareSigner.generate().public_key.material
    leaf = build(Crafted().subject, name, key, leaf_extensions()).sign(private, digest)
    return leaf.public_bytes(Encoding.DER), upper.public_bytes(Encoding.DER)


def test_an_authority_of_others_may_have_an_rsa_key() -> None:
    assert validate(_rsa_signed(hashes.SHA256()))


def _too_long() -> tuple[bytes, ...]:
    lower = Crafted(
        subject=OrganisationSubject("下位").name(), extensions=authority_extensions(path_length=None)
    )
    middle = lower.signed_by(A.intermediate_key, subject_of(A.intermediate))
    leaf = Crafted(extensions=leaf_extensions()).signed_by(lower.key, lower.subject)
    return leaf, middle, A.intermediate


def _certified_by_a_school() -> tuple[bytes, ...]:
    school = A.leaf()
    leaf = Crafted(subject=OrganisationSubject("偽").name(), extensions=leaf_extensions())
    return leaf.signed_by(school, subject_of(school.certificates[0])), *school.certificates


STEP_1: dict[str, Callable[[], tuple[bytes, ...]]] = {
    "no certificate": lambda: (),
    "more than five": lambda: GOOD[:1] * 6,
    "not a certificate": lambda: (b"x", GOOD[1]),
    "an empty one": lambda: (b"", GOOD[1]),
    "cut short": lambda: (GOOD[0][:-5], GOOD[1]),
    "a name of another shape": lambda: (
        _edited(GOOD[0], b"1\x0b0\t\x06\x03U\x04\x06", b"0\x0b0\t\x06\x03U\x04\x06"),
        GOOD[1],
    ),
    "a serial number below zero": lambda: (_edited(GOOD[0], *_NEGATIVE), GOOD[1]),
    "spare bits in its signature": lambda: (_with_spare_bit(GOOD[0]), GOOD[1]),
    "an anchor in the chain": lambda: (*GOOD, A.root),
    "the anchor alone": lambda: (A.root,),
    "a self-signed leaf": lambda: (
        (made := Crafted(extensions=leaf_extensions())).signed_by(made.key, made.subject),
    ),
}
STEP_2: dict[str, Callable[[], tuple[bytes, ...]]] = {
    "the leaf alone": lambda: GOOD[:1],
    "the wrong order": lambda: GOOD[::-1],
    "another root's intermediate": lambda: (GOOD[0], make().intermediate),
    "a wholly other chain": lambda: make().leaf().certificates,
    "a changed leaf": lambda: (_flip(GOOD[0]), GOOD[1]),
    "a changed intermediate": lambda: (GOOD[0], _flip(GOOD[1])),
    "a leaf signed by somebody else": lambda: crafted_leaf(signer=SoftwareSigner.generate()),
    "a leaf naming another issuer": lambda: crafted_leaf(issuer=OrganisationSubject("他").name()),
    "an intermediate twice": lambda: (GOOD[0], GOOD[1], GOOD[1]),
    "a stranger between": lambda: (GOOD[0], make().intermediate, GOOD[1]),
    "a signature over a digest that is not used": lambda: _rsa_signed(hashes.SHA224()),
}
STEP_3: dict[str, Callable[[], tuple[bytes, ...]]] = {
    "an intermediate that is none": lambda: crafted_intermediate(leaf_extensions()),
    "an intermediate that may not certify": lambda: crafted_intermediate(
        {**authority_extensions(), "usage": (usage(signs=True, certifies=False), True)}
    ),
    "an intermediate without constraints": lambda: crafted_intermediate(
        {"usage": authority_extensions()["usage"]}
    ),
    "an intermediate without a usage": lambda: crafted_intermediate(
        {"constraints": authority_extensions()["constraints"]}
    ),
    "a leaf that is an authority": lambda: crafted_leaf(
        {"constraints": (x509.BasicConstraints(ca=True, path_length=None), True)}
    ),
    "a path longer than the intermediate allows": _too_long,
    "a school that certifies another": _certified_by_a_school,
}
STEP_4: dict[str, Callable[[], tuple[bytes, ...]]] = {
    "a leaf that is not valid yet": lambda: crafted_leaf(not_before=NOW + timedelta(seconds=1)),
    "a leaf that is over": lambda: crafted_leaf(not_before=NOW - YEAR, not_after=NOW - timedelta(seconds=1)),
    "an intermediate that is over": lambda: crafted_intermediate(
        authority_extensions(), not_before=NOW - YEAR, not_after=NOW - timedelta(seconds=1)
    ),
    "a critical extension that nobody knows": lambda: crafted_leaf(
        {"x": (x509.UnrecognizedExtension(ObjectIdentifier("2.25.1"), b"\x05\x00"), True)}
    ),
    "critical name constraints": lambda: crafted_intermediate(
        {**authority_extensions(), "x": (x509.NameConstraints([x509.DNSName("x.example")], None), True)}
    ),
    "an extension that does not parse": lambda: crafted_leaf(
        {"x": (x509.UnrecognizedExtension(ObjectIdentifier("2.5.29.17"), b"\x04"), False)}
    ),
}
STEP_5: dict[str, Callable[[], tuple[bytes, ...]]] = {
    "a leaf that may not sign": lambda: crafted_leaf({"usage": (usage(signs=False), True)}),
    "a leaf without a usage": lambda: crafted_leaf({"usage": None}),
    "a leaf without constraints": lambda: crafted_leaf({"constraints": None}),
    "a leaf without a policy": lambda: crafted_leaf({"policies": None}),
    "a leaf for another use": lambda: A.leaf(KeyUse.STATUS).certificates,
    "a leaf for any use": lambda: crafted_leaf(
        {
            "policies": (
                x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("2.5.29.32.0"), None)]),
                False,
            )
        }
    ),
    "a key of a kind that is not used": lambda: _leaf_with(
        ec.generate_private_key(ec.SECP521R1()).public_key()
    ),
    "an RSA key": lambda: _leaf_with(rsa.generate_private_key(65537, 2048).public_key()),
}


def _leaf_with(material: Any) -> tuple[bytes, ...]:
    key = SoftwareSigner.generate()
    odd = dataclasses.replace(key, public_key=dataclasses.replace(key.public_key, material=material))
    return crafted_leaf(key=odd)


#: What a refusal of each step may say.
SAID = {
    1: {
        "a chain has one to five certificates",
        "a certificate does not parse",
        "a serial number that is not positive",
        "a signature that is no whole number of bytes",
        "the trust anchor stands in the chain",
        "the leaf is self-signed",
    },
    2: {"the chain does not end at a trusted anchor", "a certificate is not signed by the next one"},
    3: {
        "an upper certificate is no authority",
        "the path is longer than an authority allows",
        "the leaf may not sign",
    },
    4: {
        "a certificate is outside its period",
        "a critical extension is not understood",
        "an extension does not parse",
    },
    5: {
        "the leaf may not sign",
        "the leaf is not marked for a use",
        "the leaf is not for use document",
        "a key of a kind that is not used",
    },
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns of what is refused here
@pytest.mark.clause("RFC 5280 §6.1")
@pytest.mark.parametrize(
    ("step", "name", "chain"),
    [
        (number, name, chain)
        for number, cases in enumerate((STEP_1, STEP_2, STEP_3, STEP_4, STEP_5), 1)
        for name, chain in cases.items()
    ],
)
def test_each_step_refuses_what_it_is_for(
    step: int, name: str, chain: Callable[[], tuple[bytes, ...]]
) -> None:
    with pytest.raises(ChainRefused) as refused:
        validate(chain())
    assert refused.value.detail in SAID[step], name


@pytest.mark.parametrize(
    ("chain", "detail"),
    [
        (STEP_1["more than five"], "a chain has one to five"),
        (STEP_1["a self-signed leaf"], "the leaf is self-signed"),
        (STEP_1["an anchor in the chain"], "the trust anchor stands in the chain"),
        (STEP_2["the leaf alone"], "does not end at a trusted anchor"),
        (STEP_2["a leaf signed by somebody else"], "not signed by the next one"),
        (STEP_3["an intermediate that is none"], "no authority"),
        (STEP_3["a path longer than the intermediate allows"], "longer than an authority allows"),
        (STEP_4["a leaf that is over"], "outside its period"),
        (STEP_4["a critical extension that nobody knows"], "critical extension"),
        (STEP_5["a leaf that may not sign"], "may not sign"),
        (STEP_5["a leaf for another use"], "not for use document"),
    ],
)
def test_a_refusal_says_what_is_wrong(chain: Callable[[], tuple[bytes, ...]], detail: str) -> None:
    with pytest.raises(ChainRefused) as refused:
        validate(chain())
    assert detail in refused.value.detail


@pytest.mark.parametrize("at", [NOW - timedelta(seconds=1), NOW + YEAR + timedelta(seconds=1)])
def test_outside_its_period_a_good_chain_is_refused(at: datetime) -> None:
    with pytest.raises(ChainRefused):
        validate(at=at)


def test_without_anchors_nothing_is_believed() -> None:
    with pytest.raises(ChainRefused):
        validate(anchors=())
    with pytest.raises(ChainRefused):
        validate(anchors=(b"x",))


def test_an_anchor_that_is_over_is_refused() -> None:
    old = make(now=NOW - 20 * YEAR)
    leaf = Crafted(extensions=leaf_extensions()).signed_by(old.root_key, subject_of(old.root))
    with pytest.raises(ChainRefused):
        validate((leaf,), anchors=(old.root,), at=NOW + timedelta(days=1))


@pytest.mark.parametrize("use", [KeyUse.ACCESS_TOKEN, KeyUse.AUDIT])
def test_a_use_without_certificates_has_no_chain(use: KeyUse) -> None:
    with pytest.raises(ChainRefused):
        validate(use=use)


@pytest.mark.parametrize("use", [KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.STATUS, KeyUse.METADATA])
def test_each_use_is_believed_for_itself_alone(use: KeyUse) -> None:
    chain = A.leaf(use).certificates
    assert validate(chain, use=use)
    for other in {KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.STATUS, KeyUse.METADATA} - {use}:
        with pytest.raises(ChainRefused):
            validate(chain, use=other)


def test_a_harmless_critical_extension_is_read() -> None:
    purpose = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), True)
    assert validate(crafted_leaf({"eku": purpose}))


def test_host_names_of_a_request_signing_leaf_are_returned() -> None:
    chain = A.leaf(KeyUse.REQUEST_SIGNING, dns_names=("verifier.example", "localhost")).certificates
    found = validate(chain, use=KeyUse.REQUEST_SIGNING)
    assert found.dns_names == ("verifier.example", "localhost")
    assert found.uris == ()


def test_the_key_of_a_leaf_is_named_by_its_thumbprint() -> None:
    signer = A.leaf()
    assert leaf_key(x509.load_der_x509_certificate(signer.certificates[0])).key_id == signer.public_key.key_id


@pytest.mark.parametrize(
    "pem", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_pem_file_is_refused(pem: bytes) -> None:
    with pytest.raises(ChainRefused):
        pem_to_der(pem)


def test_policies_of_uses_are_read_from_the_leaf_not_its_authority() -> None:
    policies = x509.load_der_x509_certificate(A.intermediate).extensions.get_extension_for_class(
        x509.CertificatePolicies
    )
    assert policy_of(KeyUse.DOCUMENT) not in {item.policy_identifier for item in policies.value}


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns of what is refused here
def test_a_certificate_that_is_damaged_anywhere_is_refused_and_never_crashes() -> None:
    leaf = GOOD[0]
    for place in range(len(leaf)):
        damaged = leaf[:place] + bytes([leaf[place] ^ 0xFF]) + leaf[place + 1 :]
        with pytest.raises(ChainRefused):
            validate((damaged, *GOOD[1:]))
