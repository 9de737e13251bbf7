"""A root and an intermediate authority as tests need them, and leaves under them; certificates out of the book too."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tegata.identity import certificates
from tegata.identity.certificates import PROFILES, KeyUse, OrganisationSubject
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner

NOW = datetime(2026, 4, 10, 3, 0, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
SCHOOL_URI = "https://issuer.example/s/0123456789abcdef"
SCHOOL = OrganisationSubject("例示県", "7000020009997", "例示県立みらい台高等学校", "D100299999903")


@dataclass(frozen=True)
class Authorities:
    """Root and intermediate: keys and certificates (DER)."""

    root_key: SoftwareSigner
    root: bytes
    intermediate_key: SoftwareSigner
    intermediate: bytes

    def leaf(
        self, use: KeyUse = KeyUse.DOCUMENT, signer: SoftwareSigner | None = None, **changes: Any
    ) -> SoftwareSigner:
        """A certified key with its chain."""
        made = signer or SoftwareSigner.generate()
        names_issuer = PROFILES[use].names_issuer
        options: dict[str, Any] = {
            "issuer": self.intermediate_key,
            "issuer_certificate": self.intermediate,
            "now": NOW,
            "valid_for": YEAR,
            "uris": (SCHOOL_URI,) if names_issuer else (),
            "random": secrets.token_bytes,
            **changes,
        }
        subject = options.pop("subject", SCHOOL)
        der = certificates.issue(use, subject, made.public_key, **options)
        return made.with_certificates((der, self.intermediate))


def make(
    algorithm: Algorithm = Algorithm.ES384, operator: str = "例示運営機構", now: datetime = NOW
) -> Authorities:
    """A new root and intermediate."""
    root_key, intermediate_key = SoftwareSigner.generate(algorithm), SoftwareSigner.generate()
    root = certificates.self_signed_root(
        root_key, f"{operator} ルート", now=now, valid_for=20 * YEAR, random=secrets.token_bytes
    )
    intermediate = certificates.issue(
        KeyUse.INTERMEDIATE,
        OrganisationSubject(f"{operator} 中間"),
        intermediate_key.public_key,
        issuer=root_key,
        issuer_certificate=root,
        now=now,
        valid_for=10 * YEAR,
        random=secrets.token_bytes,
    )
    return Authorities(root_key, root, intermediate_key, intermediate)


@cache
def authorities() -> Authorities:
    """The authorities that tests share when nothing about them matters."""
    return make()


@dataclass(frozen=True)
class Mobile:
    """An authority of mobile documents: key and certificate (DER)."""

    key: SoftwareSigner
    iaca: bytes

    def signer(self, **changes: Any) -> SoftwareSigner:
        """A certified document signer."""
        options: dict[str, Any] = {
            "issuer": self.key,
            "issuer_certificate": self.iaca,
            "now": NOW,
            "valid_for": YEAR,
            "uris": (SCHOOL_URI,),
            "random": secrets.token_bytes,
            **changes,
        }
        made = SoftwareSigner.generate()
        der = certificates.issue(KeyUse.MDOC_DS, options.pop("subject", SCHOOL), made.public_key, **options)
        return made.with_certificates((der,))


@cache
def mobile(now: datetime = NOW) -> Mobile:
    """The authority of mobile documents that tests share."""
    key = SoftwareSigner.generate()
    iaca = certificates.self_signed_iaca(
        key,
        "例示運営機構 IACA",
        now=now,
        valid_for=20 * YEAR,
        uri="https://operator.example",
        revocation_url="https://operator.example/crl",
        random=secrets.token_bytes,
    )
    return Mobile(key, iaca)


@dataclass
class Crafted:
    """A certificate with everything open to change, as no profile would allow it; signed by whom one likes."""

    key: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    subject: x509.Name = field(default_factory=SCHOOL.name)
    issuer: x509.Name | None = None
    not_before: datetime = NOW
    not_after: datetime = NOW + YEAR
    extensions: dict[str, tuple[x509.ExtensionType, bool]] = field(default_factory=dict)

    def signed_by(self, signer: Any, issuer: x509.Name) -> bytes:
        """The certificate in DER."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(self.issuer or issuer)
            .public_key(self.key.public_key.material)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.not_before)
            .not_valid_after(self.not_after)
        )
        for extension, is_critical in self.extensions.values():
            builder = builder.add_extension(extension, is_critical)
        return bytes(signer.sign_certificate(builder).public_bytes(Encoding.DER))


def usage(*, signs: bool = True, certifies: bool = False) -> x509.KeyUsage:
    """A key usage extension."""
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )


def leaf_extensions(use: KeyUse = KeyUse.DOCUMENT) -> dict[str, tuple[x509.ExtensionType, bool]]:
    """What a leaf of ours has."""
    policy = PROFILES[use].policy
    return {
        "constraints": (x509.BasicConstraints(ca=False, path_length=None), True),
        "usage": (usage(), True),
        "policies": (x509.CertificatePolicies([x509.PolicyInformation(policy, None)]), False),
    }


def authority_extensions(path_length: int | None = 0) -> dict[str, tuple[x509.ExtensionType, bool]]:
    """What an authority of ours has."""
    return {
        "constraints": (x509.BasicConstraints(ca=True, path_length=path_length), True),
        "usage": (usage(signs=False, certifies=True), True),
    }
