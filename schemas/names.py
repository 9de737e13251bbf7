"""The names that get signed: types, contexts, vocabulary and schemas.

They belong to the ecosystem, not to a deployment: one base, the same everywhere, and a version in every name. What a
name stands for never changes once documents have been sealed with it; a change gets the next number. Not for where an
installation serves the files: that is its own address.
"""

from dataclasses import dataclass
from functools import cache

BASE = "https://w3id.org/tegata"
VOCABULARY = f"{BASE}/vocab#"
#: The same owner as a reverse domain, as doctypes and namespaces of mobile documents are written.
REVERSE = "org.w3id.tegata"
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
CREDENTIAL_TYPE = "VerifiableCredential"
CREDENTIAL_TYPE_IRI = "https://www.w3.org/2018/credentials#VerifiableCredential"

#: The documents there are, with the version of each; the order is the one in which pages list them.
_VERSIONS = {
    "graduation": 1,
    "expected-graduation": 1,
    "completion": 1,
    "enrolment": 1,
    "transcript": 1,
    "transcript-he": 1,
    "student-id": 1,
    "credits": 1,
    "commuter": 1,
    "fare-discount": 1,
    "accident-aid": 1,
    "achievement": 1,
    "health-notice": 1,
    "cannot-be-issued": 1,
    "guidance-register": 1,
    "guidance-record": 1,
    "health-card": 1,
    "dental-card": 1,
    "admission-report": 1,
    "admission-report-hs": 1,
}


@dataclass(frozen=True, slots=True)
class AcceptedTypes:
    """What a request for a document accepts: the members of a DCQL `meta` (OID4VP 1.0 §B.1.1, §B.2.3, §B.3.5).

    `doctype_value` is empty for documents that are no mobile ones.
    """

    vct_values: tuple[str, ...]
    type_values: tuple[tuple[str, ...], ...]
    doctype_value: str = ""


def documents() -> tuple[str, ...]:
    """Return the names of all documents."""
    return tuple(_VERSIONS)


def vct(name: str) -> str:
    """Return the SD-JWT VC type of a document (SD-JWT VC §2.2.2.1)."""
    return f"{BASE}/vct/{name}/{_VERSIONS[name]}"


def doctype(name: str) -> str:
    """Return the type of a document as a mobile one, which is also the namespace of its elements (ISO/IEC 18013-5 §7.1)."""
    return f"{REVERSE}.{name.replace('-', '_')}.{_VERSIONS[name]}"


def context(name: str) -> str:
    """Return the URL of a document's JSON-LD context."""
    return f"{BASE}/contexts/{name}/{_VERSIONS[name]}"


def schema(name: str) -> str:
    """Return the `$id` of a document's JSON Schema."""
    return f"{BASE}/schemas/{name}/{_VERSIONS[name]}"


def term(name: str) -> str:
    """Return the IRI of a term of the vocabulary; what is absolute already stays as it is."""
    return name if "://" in name else VOCABULARY + name


@cache
def expanded_types(w3c_type: str) -> tuple[str, ...]:
    """Return the types of a W3C credential as JSON-LD expands them."""
    return (CREDENTIAL_TYPE_IRI, term(w3c_type))
