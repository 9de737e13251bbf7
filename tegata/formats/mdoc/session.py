"""What a device signs for: session transcripts of OID4VP 1.0 (§B.2.6), and the key of a device's MAC (18013-5 §9.1.3.5)."""

from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tegata.codec import cbor

_KEY_BYTES = 32


def openid4vp_transcript(
    client_id: str, nonce: str, response_uri: str, encryption_thumbprint: bytes | None
) -> bytes:
    """Return the SessionTranscript of a request by redirect or `direct_post` (OID4VP 1.0 §B.2.6.1).

    `client_id` has its prefix; the thumbprint (RFC 7638, 32 bytes) is that of the key the response is encrypted to, None
    if it is not.
    """
    return _transcript("OpenID4VPHandover", [client_id, nonce, encryption_thumbprint, response_uri])


def dc_api_transcript(origin: str, nonce: str, encryption_thumbprint: bytes | None) -> bytes:
    """Return the SessionTranscript of a request over the Digital Credentials API (OID4VP 1.0 §B.2.6.2)."""
    return _transcript("OpenID4VPDCAPIHandover", [origin, nonce, encryption_thumbprint])


def device_authentication(transcript: bytes, doctype: str, device_namespaces: bytes) -> bytes:
    """Return what the device's signature or MAC covers (18013-5 §9.1.3.4); the namespaces' bytes are as received."""
    content = ["DeviceAuthentication", cbor.loads(transcript), doctype, cbor.embedded(device_namespaces)]
    return cbor.dumps(cbor.embedded(cbor.dumps(content)))


def mac_key(shared_secret: bytes, transcript: bytes) -> bytes:
    """Derive EMacKey from an ECDH secret of the device's key and the reader's ephemeral one (18013-5 §9.1.3.5)."""
    salt = sha256(cbor.dumps(cbor.embedded(transcript))).digest()
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt, b"EMacKey").derive(shared_secret)


def _transcript(name: str, info: list[str | bytes | None]) -> bytes:
    handover = [name, sha256(cbor.dumps(info)).digest()]
    return cbor.dumps([None, None, handover])
