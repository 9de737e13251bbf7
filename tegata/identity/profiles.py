"""What certificates there are: the uses of keys, one profile for each, and the request that a profile shapes.

Building and signing is `tegata.identity.certificates`, judging before the signature `tegata.identity.lints`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tegata.keys.signer import PublicKey

#: `random(n)` returns n unpredictable bytes; `secrets.token_bytes` outside tests.
Random: TypeAlias = Callable[[int], bytes]

#: A UUID of the project's own (ITU-T X.667, version 4), below which a policy marks each use: nobody owns the arc,
#: nobody has to be asked. Fixed for ever, as certificates carry it.
_ARC = "2.25.267785502414873463018265725677243930598"

_MAX_COMMON_NAME_BYTES = 64


class KeyUse(StrEnum):
    """What a key is for (DESIGN §4). A key has one use, and its certificate says which."""

    ROOT = "root"
    INTERMEDIATE = "intermediate"
    DOCUMENT = "document"
    COPY = "copy"
    FORM = "form"
    STATUS = "status"
    REQUEST_SIGNING = "request_signing"
    METADATA = "metadata"
    TRUST_LIST = "trust_list"
    ACCESS_TOKEN = "access_token"  # noqa: S105  the name of a use, not a secret
    AUDIT = "audit"
    IACA = "iaca"
    MDOC_DS = "mdoc_ds"


#: Uses whose certificates have the shape of ISO/IEC 18013-5 Annex B, and not our own.
MDOC_USES = frozenset({KeyUse.IACA, KeyUse.MDOC_DS})


@dataclass(frozen=True, slots=True)
class Profile:
    """How a certificate for one use looks.

    `policy` marks the use, or `extended_usage` where a standard has its own mark. `longest` is the longest lifetime,
    `path_length` is set for authorities alone, `is_self_signed` for those that nobody certifies.
    `names_organisation`: the subject carries a 法人番号. `names_issuer`: the issuer's URI is the alternative name.
    """

    use: KeyUse
    policy: ObjectIdentifier | None
    longest: timedelta
    path_length: int | None = None
    names_organisation: bool = True
    names_issuer: bool = True
    allows_dns: bool = False
    is_self_signed: bool = False
    extended_usage: ObjectIdentifier | None = None

    @property
    def is_authority(self) -> bool:
        """Whether it certifies others."""
        return self.path_length is not None

    @property
    def is_of_mdoc(self) -> bool:
        """Whether its shape is that of ISO/IEC 18013-5 Annex B, and not our own."""
        return self.use in MDOC_USES


def _profile(use: KeyUse, number: int, days: int, **more: bool | int) -> Profile:
    return Profile(use, ObjectIdentifier(f"{_ARC}.{number}"), timedelta(days=days), **more)  # type: ignore[arg-type]  # by name


#: What marks a document signer of ISO/IEC 18013-5 (Annex B). The standard has it for driving licences alone; other
#: documents in the field carry the same, and so do ours.
MDOC_SIGNER = ObjectIdentifier("1.0.18013.5.1.2")
#: The longest lives that ISO/IEC 18013-5 Annex B gives: twenty years to an IACA, 457 days to a document signer.
LONGEST_IACA, LONGEST_MDOC_SIGNER = timedelta(days=7_305), timedelta(days=457)

#: One profile per use that has certificates; access tokens and audit seals are checked by key alone. A policy number is
#: never given twice; the two profiles of ISO/IEC 18013-5 have none.
#: Copy keys, and those for other forms of a document (Open Badges, CLR), are online, so they are short-lived; a document key seals masters for three school years.
PROFILES: Mapping[KeyUse, Profile] = MappingProxyType(
    {
        profile.use: profile
        for profile in (
            _profile(
                KeyUse.ROOT,
                1,
                7_305,
                path_length=1,
                names_organisation=False,
                names_issuer=False,
                is_self_signed=True,
            ),
            _profile(
                KeyUse.INTERMEDIATE, 2, 3_653, path_length=0, names_organisation=False, names_issuer=False
            ),
            _profile(KeyUse.DOCUMENT, 3, 1_186),
            _profile(KeyUse.COPY, 4, 400),
            _profile(KeyUse.STATUS, 5, 1_186),
            _profile(KeyUse.REQUEST_SIGNING, 6, 400, names_issuer=False, allows_dns=True),
            _profile(KeyUse.METADATA, 7, 1_186),
            _profile(KeyUse.FORM, 9, 400),
            _profile(KeyUse.TRUST_LIST, 8, 1_186, names_organisation=False, names_issuer=False),
            Profile(
                KeyUse.IACA,
                None,
                LONGEST_IACA,
                path_length=0,
                names_organisation=False,
                names_issuer=False,
                is_self_signed=True,
            ),
            Profile(KeyUse.MDOC_DS, None, LONGEST_MDOC_SIGNER, extended_usage=MDOC_SIGNER),
        )
    }
)


def policy_of(use: KeyUse) -> ObjectIdentifier | None:
    """Return the certificate policy that marks a use; None for uses without certificates, or with a mark of another kind."""
    profile = PROFILES.get(use)
    return None if profile is None else profile.policy


@dataclass(frozen=True, slots=True)
class OrganisationSubject:
    """Whose certificate it is. Schools whose very name is sensitive leave out `school` and `school_code`.

    The operator of a trust list or an authority of ours may be without `corporate_number`.
    """

    establisher: str
    corporate_number: str = ""
    school: str = ""
    school_code: str = ""

    def name(self) -> x509.Name:
        """Return `C=JP, O, organizationIdentifier, [OU, serialNumber,] CN` (DESIGN §4, EVG §7.1.4.2.8).

        The common name is a label, cut to the 64 bytes that common validators take; O and OU hold the whole names.
        Raises `ValueError` for parts that X.520 does not take.
        """
        parts = [
            (NameOID.COUNTRY_NAME, "JP"),
            (NameOID.ORGANIZATION_NAME, self.establisher),
            (NameOID.ORGANIZATION_IDENTIFIER, self.corporate_number and f"NTRJP-{self.corporate_number}"),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, self.school),
            (NameOID.SERIAL_NUMBER, self.school_code),
            (NameOID.COMMON_NAME, _cut(self.school or self.establisher)),
        ]
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


def _cut(name: str) -> str:
    return name.encode("utf-8")[:_MAX_COMMON_NAME_BYTES].decode("utf-8", "ignore")


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that goes into a certificate, but its authority's part. Instants are UTC, whole seconds.

    `issuer_uris` and `revocation_urls` are an IACA's: where its operator is found, and its list of revoked certificates.
    """

    profile: Profile
    subject: x509.Name
    public_key: PublicKey
    not_before: datetime
    not_after: datetime
    uris: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()
    issuer_uris: tuple[str, ...] = ()
    revocation_urls: tuple[str, ...] = ()
