"""Which organisation signed, with which of its keys: the trust list's answer, checked against what came along.

The credential only says who signed it; nothing here believes that before the list and the signature agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tegata.errors import CryptographyFailed, MalformedInput
from tegata.formats.credential import KeyReference
from tegata.identity import trust_list as lists
from tegata.identity.certificates import KeyUse
from tegata.identity.chain import ChainRefused, leaf_key, read_certificate, uris_of, validate_chain
from tegata.identity.trust_list import ListedKey, NotPermitted, Right, TrustedOrganisation, TrustList
from tegata.keys import jwk
from verifier.oid4vp.dcql import MSO_MDOC
from verifier.verification.opened import Opened

#: Keys that sign documents: masters under approval, copies for wallets, and other forms of them (Open Badges, CLR).
DOCUMENT_USES = (KeyUse.DOCUMENT, KeyUse.COPY, KeyUse.FORM)
#: Keys that sign mobile documents, and nothing else.
MDOC_USES = (KeyUse.MDOC_DS,)
_MAX_CANDIDATES = 8


class CertificateMismatch(CryptographyFailed):
    """The certificate in the credential is not one of the organisation that the credential names."""

    kind = "certificate_mismatch"


@dataclass(frozen=True, slots=True)
class TrustSnapshot:
    """A trust list as one verification uses it, and the anchors that it was believed under."""

    trust_list: TrustList
    anchors: tuple[bytes, ...]


def uses_for(opened: Opened) -> tuple[KeyUse, ...]:
    """Return the uses of the keys that may have signed a credential of this format."""
    return MDOC_USES if opened.format == MSO_MDOC else DOCUMENT_USES


def claimed_issuer(opened: Opened) -> str:
    """Return the identifier that the credential gives for its issuer; empty if it gives none.

    Without `iss`, an SD-JWT VC is issued by the URI of its certificate (SD-JWT VC §2.5); a mobile document always is.
    """
    if opened.issuer:
        return opened.issuer
    chain = opened.key_reference.certificates
    if not chain:
        return ""
    try:
        uris = uris_of(read_certificate(chain[0]))
    except ChainRefused:
        return ""
    return uris[0] if len(uris) == 1 else ""


def candidates(
    organisation: TrustedOrganisation, reference: KeyReference, uses: Sequence[KeyUse]
) -> tuple[ListedKey, ...]:
    """Return the organisation's keys that the credential or list may have been signed with, at any time.

    By verification method, else by `kid`, else by the key of the certificate; empty if the organisation has no such
    key. Whether a key was good at the time is asked after the signature held.
    """
    keys = [item for item in organisation.keys if item.use in uses]
    if reference.verification_method:
        did, _, fragment = reference.verification_method.partition("#")
        if did not in {organisation.did, organisation.identifier}:
            return ()
        keys = [item for item in keys if fragment in {item.key.key_id, jwk.thumbprint(item.key)}]
    elif reference.key_id:
        keys = [item for item in keys if item.key.key_id == reference.key_id]
    elif reference.certificates:
        thumbprint = _leaf_thumbprint(reference.certificates)
        keys = [item for item in keys if jwk.thumbprint(item.key) == thumbprint]
    return tuple(keys[:_MAX_CANDIDATES])


def _leaf_thumbprint(chain: tuple[bytes, ...]) -> str:
    try:
        return jwk.thumbprint(leaf_key(read_certificate(chain[0])))
    except (MalformedInput, ChainRefused):
        return ""


def check_key(
    snapshot: TrustSnapshot, organisation: TrustedOrganisation, key: ListedKey, at: datetime
) -> None:
    """Raise `KeyNotTrusted` if the key was not a good one of the organisation at the time of issue."""
    identifier = f"{organisation.identifier}#{key.key.key_id}"
    lists.keys_of(snapshot.trust_list, identifier, uses=(key.use,), at=at)


def check_certificates(
    snapshot: TrustSnapshot,
    organisation: TrustedOrganisation,
    key: ListedKey,
    chain: tuple[bytes, ...],
    at: datetime,
) -> None:
    """Check the certificates that came with the signature, if any came (SD-JWT VC §2.5, HAIP 1.0 §6.1.1).

    Their chain leads to an anchor at the time of issue, the leaf is for documents, names this organisation and holds
    the key that signed. The anchors of mobile documents are on the list itself. Raises `ChainRefused` or
    `CertificateMismatch`.
    """
    if not chain:
        return
    anchors = snapshot.trust_list.mdoc_authorities if key.use is KeyUse.MDOC_DS else snapshot.anchors
    leaf = validate_chain(chain, anchors=anchors, at=at, use=key.use)
    if organisation.identifier not in leaf.uris:
        raise CertificateMismatch("the certificate names another issuer", clause="SD-JWT VC §2.5")
    if leaf.public_key.material != key.key.material:
        raise CertificateMismatch("the certificate holds another key", clause="SD-JWT VC §2.5")
    if leaf.organisation_identifier != f"NTRJP-{organisation.corporate_number}":
        raise CertificateMismatch("the certificate names another legal person", clause="SD-JWT VC §2.5")


def right_to_one_of(
    organisation: TrustedOrganisation, document_types: Sequence[str], school: str, at: datetime
) -> Right | None:
    """Return the organisation's right to issue one of these types about a school at that time; None without one."""
    for document_type in document_types:
        try:
            return lists.may_issue(organisation, document_type, school, at=at)
        except NotPermitted:
            continue
    return None


def school_of(trust_list: TrustList, organisation: TrustedOrganisation, code: str) -> str:
    """Return the identifier of the school that a document is about, by its 学校コード; empty if the list has none.

    Without a code the document is about the organisation itself.
    """
    if not code or code == organisation.school_code:
        return organisation.identifier
    found = [item.identifier for item in trust_list.organisations if item.school_code == code]
    return found[0] if len(found) == 1 else ""
