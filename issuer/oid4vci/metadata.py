"""Issuer and authorization server metadata (OID4VCI 1.0 §12.2, RFC 8414), one pair for each school.

The well-known string is inserted between host and path (§12.2.2); the edge serves the appended form as well, for
wallets that look there, with the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from issuer.oid4vci.offer import PRE_AUTHORIZED_CODE
from tegata.errors import Text
from tegata.formats.credential import ClaimPath

SD_JWT_VC = "dc+sd-jwt"
LDP_VC = "ldp_vc"
MSO_MDOC = "mso_mdoc"
_SUFFIX = {SD_JWT_VC: "sd-jwt", LDP_VC: "ldp", MSO_MDOC: "mdoc"}
#: The signing algorithms by their numbers in COSE, which is how mobile documents name them (§A.2.2).
_COSE_NUMBERS = {"ES256": -7, "ES384": -35, "EdDSA": -8}
#: How a copy may be bound to its holder's key (§12.2.4).
_BINDINGS = {SD_JWT_VC: ["jwk"], LDP_VC: ["did:key", "did:jwk", "jwk"], MSO_MDOC: ["cose_key"]}
_FORM_SUITE = "eddsa-rdfc-2022"
#: How many copies one request may ask for, each for a key of its own.
BATCH_SIZE = 10
PROOF_ALGORITHMS = ("ES256", "ES384", "EdDSA")


@dataclass(frozen=True, slots=True)
class OfferedForm:
    """Another form of a document, as a W3C credential with types and contexts of its own: an Open Badge, a CLR."""

    name: str
    title: Text
    contexts: tuple[str, ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfferedMdoc:
    """A document as a mobile one: its doctype, and for each element the claim that it carries."""

    doctype: str
    elements: Mapping[tuple[str, str], ClaimPath]


@dataclass(frozen=True, slots=True)
class OfferedDocument:
    """One document type of a school, as its metadata shows it."""

    name: str
    title: Text
    description: Text
    vct: str
    contexts: tuple[str, ...]
    types: tuple[str, ...]
    labels: Mapping[ClaimPath, Text]
    mandatory: frozenset[ClaimPath]
    forms: tuple[OfferedForm, ...] = ()
    mdoc: OfferedMdoc | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """A credential configuration: one document type in one format, or in a form that has that format."""

    identifier: str
    format: str
    document: OfferedDocument
    form: OfferedForm | None = None


def configuration_id(document_name: str, kind: str) -> str:
    """Return the configuration's id, for instance `graduation-sd-jwt` or `graduation-open-badge`; also its scope.

    `kind` is a format, or the name of a form.
    """
    return f"{document_name}-{_SUFFIX.get(kind, kind)}"


def configurations(documents: Sequence[OfferedDocument]) -> dict[str, Configuration]:
    """Return every document in every format, by configuration id."""
    found = [
        Configuration(configuration_id(document.name, name), name, document)
        for document in documents
        for name in (SD_JWT_VC, LDP_VC)
    ]
    found += [
        Configuration(configuration_id(document.name, MSO_MDOC), MSO_MDOC, document)
        for document in documents
        if document.mdoc is not None
    ]
    found += [
        Configuration(configuration_id(document.name, form.name), LDP_VC, document, form)
        for document in documents
        for form in document.forms
    ]
    return {configuration.identifier: configuration for configuration in found}


def inserted(credential_issuer: str, well_known: str) -> str:
    """Return `https://host/.well-known/<well_known>/path` for an identifier with a path (§12.2.2, RFC 8414 §3)."""
    parts = urlsplit(credential_issuer)
    return f"{parts.scheme}://{parts.netloc}/.well-known/{well_known}{parts.path.rstrip('/')}"


def issuer_metadata(
    credential_issuer: str, name: Text, offered: Sequence[OfferedDocument], signing_algorithm: str
) -> dict[str, Any]:
    """Build the Credential Issuer Metadata (OID4VCI 1.0 §12.2.4)."""
    return {
        "credential_issuer": credential_issuer,
        "credential_endpoint": f"{credential_issuer}/credential",
        "nonce_endpoint": f"{credential_issuer}/nonce",
        "notification_endpoint": f"{credential_issuer}/notification",
        "batch_credential_issuance": {"batch_size": BATCH_SIZE},
        "display": [{"name": name.ja, "locale": "ja"}, {"name": name.en, "locale": "en"}],
        "credential_configurations_supported": {
            identifier: _configuration(configuration, signing_algorithm)
            for identifier, configuration in configurations(offered).items()
        },
    }


def authorization_server_metadata(credential_issuer: str) -> dict[str, Any]:
    """Build the metadata of the school's own authorization server, for pre-authorized codes (RFC 8414 §2).

    There is no authorization endpoint, so no response type: the member is left out (OID4VCI 1.0 §12.2.4), as a list
    without elements has to be (RFC 8414 §3.2).
    """
    return {
        "issuer": credential_issuer,
        "token_endpoint": f"{credential_issuer}/token",
        "grant_types_supported": [PRE_AUTHORIZED_CODE],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_details_types_supported": ["openid_credential"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def _configuration(configuration: Configuration, signing_algorithm: str) -> dict[str, Any]:
    document, form = configuration.document, configuration.form
    title = document.title if form is None else _title(document.title, form.title)
    result: dict[str, Any] = {
        "format": configuration.format,
        "scope": configuration.identifier,
        "cryptographic_binding_methods_supported": _BINDINGS[configuration.format],
        "credential_signing_alg_values_supported": [_signing_value(configuration, signing_algorithm)],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": list(PROOF_ALGORITHMS)}},
        "credential_metadata": {
            "display": [
                {"name": title.ja, "locale": "ja", "description": document.description.ja},
                {"name": title.en, "locale": "en", "description": document.description.en},
            ],
        },
    }
    if form is None:
        # A form has members of its own, which its standard names and no label of ours does.
        result["credential_metadata"]["claims"] = _claims(document, configuration.format)
    if configuration.format == SD_JWT_VC:
        result["vct"] = document.vct
    elif configuration.format == MSO_MDOC:
        assert document.mdoc is not None  # noqa: S101  else there would be no such configuration
        result["doctype"] = document.mdoc.doctype
    else:
        described = form or document
        result["credential_definition"] = {
            "@context": list(described.contexts),
            "type": list(described.types),
        }
    return result


def _signing_value(configuration: Configuration, signing_algorithm: str) -> str | int:
    """Return the algorithm in the words of the format: a name of JOSE, a number of COSE, or a cryptosuite (§A)."""
    if configuration.format == SD_JWT_VC:
        return signing_algorithm
    if configuration.format == MSO_MDOC:
        return _COSE_NUMBERS[signing_algorithm]
    return "ecdsa-rdfc-2019" if configuration.form is None else _FORM_SUITE


def _title(document: Text, form: Text) -> Text:
    return Text(f"{document.ja}（{form.ja}）", f"{document.en} ({form.en})")


def _claims(document: OfferedDocument, format_name: str) -> list[dict[str, Any]]:
    """Describe the claims (§B.2); W3C paths start at the credential's root, mobile ones at the namespace (§C.2)."""
    if document.mdoc is not None and format_name == MSO_MDOC:
        return [_claim(document, place, path) for place, path in document.mdoc.elements.items()]
    prefix: ClaimPath = () if format_name == SD_JWT_VC else ("credentialSubject",)
    return [_claim(document, (*prefix, *path), path) for path in document.labels]


def _claim(document: OfferedDocument, shown: ClaimPath, path: ClaimPath) -> dict[str, Any]:
    label = document.labels[path]
    return {
        "path": list(shown),
        "mandatory": path in document.mandatory,
        "display": [{"name": label.ja, "locale": "ja"}, {"name": label.en, "locale": "en"}],
    }
