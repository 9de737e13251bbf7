"""A document of the catalogue as an unsecured credential of VCDM 2.0: the same whichever way it is secured."""

from typing import Any

from tegata.codec import dates
from tegata.formats.credential import Document, FormatRefused, StatusReference
from tegata.formats.vcdm.subject import subject_identifier
from tegata.keys.signer import PublicKey


def credential_of(document: Document, holder_key: PublicKey | None) -> dict[str, Any]:
    """Return the unsecured credential; with a holder's key its DID is the subject's id.

    Raises `FormatRefused` for claims that use names of the format.
    """
    clashing = {"id", "type"} & document.claims.keys()
    if clashing:
        raise FormatRefused(f"claims use names of the format: {sorted(clashing)}", clause="VCDM 2.0 §4.8")
    credential: dict[str, Any] = {"@context": list(document.names.contexts)}
    if document.identifier is not None:
        credential["id"] = document.identifier
    credential["type"] = list(document.names.types)
    credential["issuer"] = {"id": document.issuer_did}
    if document.issuer_name:
        credential["issuer"]["name"] = [
            {"@value": name, "@language": language} for language, name in document.issuer_name.items()
        ]
    credential["validFrom"] = dates.format_instant(document.valid_from)
    if document.valid_until is not None:
        credential["validUntil"] = dates.format_instant(document.valid_until)
    if document.status is not None:
        credential["credentialStatus"] = _status(document.status)
    bound = {} if holder_key is None else {"id": subject_identifier(holder_key)}
    credential["credentialSubject"] = {**bound, **document.claims}
    return credential


def _status(status: StatusReference) -> list[dict[str, str]]:
    """Point at both lists; the entries have no id, which would only be another handle (BSL 1.0 §2.1)."""
    lists = {"revocation": status.revocation_list, "suspension": status.suspension_list}
    return [
        {
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(status.index),
            "statusListCredential": url,
        }
        for purpose, url in lists.items()
    ]
