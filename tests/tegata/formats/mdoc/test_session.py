"""Session transcripts byte for byte, and the key of a device's MAC."""

from hashlib import sha256

import pytest

from tegata.codec import cbor
from tegata.formats.mdoc import session

#: The examples of OID4VP 1.0 §B.2.6: one nonce, and the thumbprint of the key that the response is encrypted to.
NONCE = "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA"
THUMBPRINT = bytes.fromhex("4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047")


@pytest.mark.clause("OID4VP 1.0 §B.2.6.1")
def test_the_transcript_of_a_redirect_is_the_specifications() -> None:
    made = session.openid4vp_transcript(
        "x509_san_dns:example.com", NONCE, "https://example.com/response", THUMBPRINT
    )
    wanted = bytes.fromhex("048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac")
    assert cbor.loads(made) == [None, None, ["OpenID4VPHandover", wanted]]


@pytest.mark.clause("OID4VP 1.0 §B.2.6.2")
def test_the_transcript_of_the_browsers_api_is_the_specifications() -> None:
    made = session.dc_api_transcript("https://example.com", NONCE, THUMBPRINT)
    wanted = bytes.fromhex("fbece366f4212f9762c74cfdbf83b8c69e371d5d68cea09cb4c48ca6daab761a")
    assert cbor.loads(made) == [None, None, ["OpenID4VPDCAPIHandover", wanted]]


def test_an_answer_that_is_not_encrypted_names_no_key() -> None:
    made = cbor.loads(
        session.openid4vp_transcript("redirect_uri:https://e.example/r", "n", "https://e.example/r", None)
    )
    info = ["redirect_uri:https://e.example/r", "n", None, "https://e.example/r"]
    assert made[2][1] == sha256(cbor.dumps(info)).digest()


@pytest.mark.clause("ISO/IEC 18013-5 §9.1.3.4")
def test_what_the_device_signs_keeps_the_bytes_of_its_namespaces() -> None:
    transcript = session.dc_api_transcript("https://example.com", NONCE, None)
    covered = session.device_authentication(transcript, "example.1", b"\xbf\xff")
    inner = cbor.loads(cbor.embedded_bytes(cbor.loads(covered)))
    assert inner == ["DeviceAuthentication", cbor.loads(transcript), "example.1", cbor.Tag(24, b"\xbf\xff")]


def test_the_key_of_a_mac_belongs_to_its_session() -> None:
    transcripts = [session.dc_api_transcript("https://example.com", nonce, None) for nonce in ("a", "b")]
    keys = {session.mac_key(bytes(32), item) for item in transcripts}
    assert len(keys) == 2
    assert all(len(key) == 32 for key in keys)
