"""Keys for BBS signatures as Multikeys."""

import secrets

import pytest

from tegata.codec import base58
from tegata.errors import MalformedInput
from tegata.keys import bls
from tegata.keys.bls import BbsPublicKey, SoftwareBbsSigner
from tests.tegata.formats.data_integrity.selective.vectors import BBS_KEYS, BBS_VECTORS

_OCTETS = bytes.fromhex(BBS_KEYS["publicKeyHex"])


@pytest.mark.clause("CID 1.0 §2.2.2")
def test_a_key_is_written_as_the_vectors_write_it_and_read_back():
    method = BBS_VECTORS["windsurf"].signed()[1]["verificationMethod"]
    text = method.partition("#")[2]
    assert bls.encode(BbsPublicKey(_OCTETS)) == text
    assert bls.decode(text) == BbsPublicKey(_OCTETS, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "u" + bls.encode(BbsPublicKey(_OCTETS))[1:],
        "z" + base58.encode(b"\xed\x01" + _OCTETS),
        "z" + base58.encode(b"\xeb\x01" + _OCTETS[:-1]),
        "z" + base58.encode(b"\xeb\x01" + bytes([0xC0]) + bytes(95)),
        "z" + base58.encode(b"\xeb\x01" + bytes([_OCTETS[0] ^ 1]) + _OCTETS[1:]),
        "z0OIl",
    ],
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(MalformedInput):
        bls.decode(text)


def test_a_signer_tells_its_name_and_not_its_secret():
    signer = SoftwareBbsSigner.generate(secrets.token_bytes, "document-1")
    assert repr(signer) == "SoftwareBbsSigner('document-1')"
    assert signer.public_key.key_id == "document-1"
