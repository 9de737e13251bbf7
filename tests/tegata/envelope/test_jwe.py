"""Encrypted answers: ECDH-ES with AES-GCM, nothing else, nothing decompressed."""

import zlib
from typing import Any

import pytest
from jwcrypto import jwe as jwcrypto_jwe
from jwcrypto import jwk as jwcrypto_jwk

from tegata.codec import base64url, json
from tegata.envelope import jwe
from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput


@pytest.mark.clause("HAIP 1.0 §5")
@pytest.mark.parametrize("enc", jwe.CONTENT_ENCRYPTION)
def test_what_is_encrypted_comes_back(enc: str) -> None:
    key = jwe.generate_encryption_key("k1")
    compact = jwe.encrypt(b'{"vp_token":{}}', key.public_jwk, enc=enc, headers={"apv": "bm9uY2U"})
    assert jwe.key_id_of(compact) == "k1"
    assert jwe.decrypt(compact, key.private_jwk) == b'{"vp_token":{}}'


def test_the_same_payload_is_never_encrypted_alike() -> None:
    key = jwe.generate_encryption_key()
    assert jwe.encrypt(b"x", key.public_jwk) != jwe.encrypt(b"x", key.public_jwk)


def test_a_fresh_key_says_what_it_is_for_and_hides_its_secret() -> None:
    key = jwe.generate_encryption_key()
    assert {"alg": "ECDH-ES", "use": "enc", "crv": "P-256"}.items() <= key.public_jwk.items()
    assert "d" not in key.public_jwk
    assert key.private_jwk["d"] not in repr(key)


def test_another_key_does_not_open_it() -> None:
    key, other = jwe.generate_encryption_key("k"), jwe.generate_encryption_key("k")
    with pytest.raises(CryptographyFailed):
        jwe.decrypt(jwe.encrypt(b"x", key.public_jwk), other.private_jwk)


@pytest.mark.parametrize("part", [0, 2, 3, 4])
def test_every_changed_part_keeps_it_shut(part: int) -> None:
    key = jwe.generate_encryption_key()
    parts = jwe.encrypt(b"payload", key.public_jwk).split(".")
    raw = bytearray(base64url.decode(parts[part]))
    if part == 0:
        header = json.loads(bytes(raw))
        raw = bytearray(json.dumps({**header, "apu": "eA"}))
    else:
        raw[0] ^= 1
    parts[part] = base64url.encode(bytes(raw))
    with pytest.raises(CryptographyFailed):
        jwe.decrypt(".".join(parts), key.private_jwk)


def _raw(header: dict[str, Any], *, protect: Any = None) -> str:
    token = jwcrypto_jwe.JWE(b"payload", json.dumps(header).decode(), algs=[header["alg"], header["enc"]])
    token.add_recipient(protect)
    return str(token.serialize(compact=True))


@pytest.mark.clause("HAIP 1.0 §5")
@pytest.mark.parametrize(
    ("alg", "enc"), [("ECDH-ES+A128KW", "A128GCM"), ("ECDH-ES", "A128CBC-HS256"), ("ECDH-ES", "A192GCM")]
)
def test_other_algorithms_are_refused_before_the_key_is_touched(alg: str, enc: str) -> None:
    key = jwe.generate_encryption_key()
    recipient = jwcrypto_jwk.JWK(**{k: v for k, v in key.public_jwk.items() if k != "alg"})
    with pytest.raises(MalformedInput):
        jwe.decrypt(_raw({"alg": alg, "enc": enc}, protect=recipient), key.private_jwk)


@pytest.mark.parametrize(
    "alg", ["dir", "A128KW", "RSA-OAEP", "none", "PBES2-HS256+A128KW", None, ["ECDH-ES"]]
)
def test_a_header_with_another_algorithm_is_refused(alg: object) -> None:
    compact = base64url.encode(json.dumps({"alg": alg, "enc": "A128GCM"})) + "...."
    with pytest.raises(MalformedInput):
        jwe.key_id_of(compact)
    with pytest.raises(MalformedInput):
        jwe.decrypt(compact, jwe.generate_encryption_key().private_jwk)


@pytest.mark.clause("RFC 8725 §3.6")
def test_a_compressed_payload_is_refused() -> None:
    key = jwe.generate_encryption_key()
    assert len(zlib.compress(bytes(10_000_000))) < 20_000
    compact = jwe.encrypt(b"x", key.public_jwk)
    header = {**json.loads(base64url.decode(compact.partition(".")[0])), "zip": "DEF"}
    with pytest.raises(MalformedInput):
        jwe.decrypt(base64url.encode(json.dumps(header)) + "." + compact.partition(".")[2], key.private_jwk)


@pytest.mark.parametrize(
    "compact", ["", "....", "a.b.c", "a.b.c.d.e.f", "e30..b.c.d", "W10..b.c.d", "é....", "=...."]
)
def test_what_is_not_a_compact_jwe_is_refused(compact: str) -> None:
    with pytest.raises(MalformedInput):
        jwe.decrypt(compact, jwe.generate_encryption_key().private_jwk)


def test_more_bytes_than_the_limit_are_not_looked_at() -> None:
    key = jwe.generate_encryption_key()
    compact = jwe.encrypt(bytes(1_000), key.public_jwk)
    with pytest.raises(LimitExceeded):
        jwe.decrypt(compact, key.private_jwk, max_bytes=len(compact) - 1)


@pytest.mark.parametrize(
    "change",
    [
        {"crv": "P-384"},
        {"kty": "oct"},
        {"x": "AAAA"},
        {"y": None},
        {"d": "AAAA"},
        {"kty": "OKP", "crv": "X25519"},
    ],
)
def test_unusable_recipients_are_refused(change: dict[str, Any]) -> None:
    key = jwe.generate_encryption_key()
    with pytest.raises(MalformedInput):
        jwe.encrypt(b"x", {**key.public_jwk, **change})


def test_other_content_encryption_is_not_offered() -> None:
    with pytest.raises(MalformedInput):
        jwe.encrypt(b"x", jwe.generate_encryption_key().public_jwk, enc="A128CBC-HS256")
