"""The holder's side: choosing elements to show, and signing for one session (ISO/IEC 18013-5 §8.3.2.1.2.2, §9.1.3)."""

from collections.abc import Sequence
from typing import Any

from tegata.codec import cbor
from tegata.envelope import cose
from tegata.errors import NotFound
from tegata.formats.credential import FormatRefused
from tegata.formats.mdoc import session
from tegata.formats.mdoc.structure import parse
from tegata.keys.signer import Signer

_NO_NAMESPACES = cbor.dumps({})


def present(
    data: bytes,
    elements: Sequence[tuple[str, str]],
    signer: Signer,
    *,
    transcript: bytes,
    mac_key: bytes | None = None,
) -> bytes:
    """Show only these elements (namespace, identifier) of one IssuerSigned; returns a DeviceResponse.

    The device signs for the session, or proves itself by a MAC under `mac_key` (`session.mac_key`). Raises `NotFound` for an
    element that the document does not have, `FormatRefused` for what no issuer hands out.
    """
    parsed = parse(data)
    doctype = parsed.security_object.get("docType")
    if not isinstance(doctype, str):
        raise FormatRefused("a document without its type", clause="ISO/IEC 18013-5 §9.1.2.4")
    held = cbor.loads(data)
    covered = session.device_authentication(transcript, doctype, _NO_NAMESPACES)
    proof: dict[str, Any] = {"deviceSignature": cose.sign1(covered, signer, detached=True)}
    if mac_key is not None:
        proof = {"deviceMac": cose.mac0(covered, mac_key)}
    return cbor.dumps(
        {
            "version": "1.0",
            "documents": [
                {
                    "docType": doctype,
                    "issuerSigned": {
                        "nameSpaces": _chosen(held["nameSpaces"], elements),
                        "issuerAuth": held["issuerAuth"],
                    },
                    "deviceSigned": {"nameSpaces": cbor.embedded(_NO_NAMESPACES), "deviceAuth": proof},
                }
            ],
            "status": 0,
        }
    )


def _chosen(namespaces: Any, elements: Sequence[tuple[str, str]]) -> dict[str, list[Any]]:
    """Leave the others out; the items' bytes stay as they were issued."""
    wanted = set(elements)
    chosen: dict[str, list[Any]] = {}
    for namespace, items in namespaces.items():
        for item in items:
            place = (namespace, cbor.loads(cbor.embedded_bytes(item))["elementIdentifier"])
            if place in wanted:
                wanted.discard(place)
                chosen.setdefault(namespace, []).append(item)
    if wanted:
        raise NotFound(f"the document has no {min(wanted)}")
    return chosen
