"""Multikey values, against the keys of W3C's test vectors."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tegata.codec import base58
from tegata.errors import MalformedInput
from tegata.keys import multikey
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, public_key_from
from tegata.keys.software import SoftwareSigner

_VECTORS = Path(__file__).parents[2] / "vectors" / "w3c" / "multikeys.json"
_PAIRS = json.loads(_VECTORS.read_text("utf-8"))["pairs"]
_P256 = _PAIRS[0]["public"]


def _public_of(secret: str, algorithm: Algorithm) -> Any:
    raw = base58.decode(secret[1:])[2:]
    if algorithm is Algorithm.EDDSA:
        return ed25519.Ed25519PrivateKey.from_private_bytes(raw[:32]).public_key()
    curve = ec.SECP256R1() if algorithm is Algorithm.ES256 else ec.SECP384R1()
    return ec.derive_private_key(int.from_bytes(raw, "big"), curve).public_key()


@pytest.mark.clause("CID 1.0 §2.2.2")
@pytest.mark.parametrize("pair", _PAIRS, ids=lambda pair: pair["public"][:12])
def test_the_published_keys_are_read_and_written_alike(pair: dict[str, str]) -> None:
    algorithm = Algorithm(pair["alg"])
    key = multikey.decode(pair["public"])
    assert key.algorithm is algorithm
    assert key.key_id == multikey.encode(key) == pair["public"]
    assert multikey.encode(public_key_from(_public_of(pair["secret"], algorithm))) == pair["public"]


@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_a_key_comes_back(algorithm: Algorithm) -> None:
    key = SoftwareSigner.generate(algorithm).public_key
    assert multikey.decode(multikey.encode(key)).material == key.material


@pytest.mark.parametrize("pair", _PAIRS, ids=lambda pair: pair["public"][:12])
def test_a_secret_key_is_not_read_as_a_public_one(pair: dict[str, str]) -> None:
    with pytest.raises(MalformedInput):
        multikey.decode(pair["secret"])


def _with_bytes(data: bytes) -> str:
    return "z" + base58.encode(data)


@pytest.mark.parametrize(
    "text",
    [
        "", "z", _P256[1:], "u" + _P256[1:], _P256[:-1], _P256 + "1", "z1" + _P256[1:], _P256 + " ", _P256.replace("z", "Z", 1),
        _with_bytes(b"\xed\x01" + bytes(32)), _with_bytes(b"\xed\x01" + bytes(31)), _with_bytes(b"\x80\x24\x02" + b"\xff" * 32),
        _with_bytes(b"\x80\x24\x04" + bytes(32)), _with_bytes(b"\x82\x24\x02" + bytes(66)), _with_bytes(b"\xec\x01" + b"\x09" + bytes(31)),
        "z" + "2" * 600,
    ],
)  # fmt: skip
def test_other_values_are_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        multikey.decode(text)
