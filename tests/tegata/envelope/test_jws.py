"""Compact JWS: parsed strictly, verified with the caller's key, never with what the message asks for."""

import hashlib
import hmac
from typing import Any

import pytest

from tegata.codec import base64url, json
from tegata.envelope import jws
from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput
from tegata.keys import jwk
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner

_ALL = pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))


def _compact(header: Any, payload: bytes = b"{}", signature: bytes = bytes(64)) -> str:
    head = header if isinstance(header, bytes) else json.dumps(header)
    return ".".join(map(base64url.encode, (head, payload, signature)))


@_ALL
def test_a_signed_payload_comes_back(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm, key_id="k1")
    compact = jws.sign({"typ": "test+jwt"}, b'{"a":1}', signer)
    parsed = jws.parse(compact.encode())
    assert jws.verify(parsed, signer.public_key) == b'{"a":1}'
    assert parsed.header == {"typ": "test+jwt", "alg": algorithm.value, "kid": "k1"}


@pytest.mark.clause("RFC 7515 Appendix A.3")
def test_the_published_es256_example_holds() -> None:
    key = jwk.from_jwk({
        "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })  # fmt: skip
    compact = (
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    assert json.loads(jws.verify(jws.parse(compact), key))["iss"] == "joe"


def test_the_key_is_named_unless_the_header_names_one() -> None:
    signer = SoftwareSigner.generate(key_id="k1")
    header = {"jwk": jwk.to_jwk(signer.public_key)}
    assert "kid" not in jws.parse(jws.sign(header, b"", signer)).header
    assert "kid" not in jws.parse(jws.sign({}, b"", signer, name_key=False)).header
    assert jws.parse(jws.sign({"kid": "other"}, b"", signer)).header["kid"] == "other"


def test_the_algorithm_is_the_signers_whatever_the_header_says() -> None:
    signer = SoftwareSigner.generate(Algorithm.ES384)
    assert jws.parse(jws.sign({"alg": "ES256"}, b"", signer)).header["alg"] == "ES384"


@pytest.mark.clause("RFC 8725 §3.1")
@pytest.mark.parametrize(
    "algorithm",
    [
        "none",
        "None",
        "NONE",
        "",
        "HS256",
        "HS512",
        "RS256",
        "PS256",
        "ES512",
        "ES256K",
        "es256",
        None,
        256,
        ["ES256"],
        {},
        True,
    ],
)
def test_none_macs_and_other_algorithms_are_not_even_parsed(algorithm: object) -> None:
    with pytest.raises(MalformedInput):
        jws.parse(_compact({"alg": algorithm}))


@pytest.mark.clause("RFC 8725 §3.1")
def test_a_public_key_is_never_taken_for_a_secret() -> None:
    key = SoftwareSigner.generate().public_key
    signing_input = ".".join(map(base64url.encode, (json.dumps({"alg": "HS256"}), b"{}")))
    for secret in (json.dumps(jwk.to_jwk(key)), b""):
        mac = hmac.digest(secret, signing_input.encode(), hashlib.sha256)
        with pytest.raises(MalformedInput):
            jws.parse(f"{signing_input}.{base64url.encode(mac)}")


def test_another_algorithm_than_the_keys_is_refused() -> None:
    signer, other = SoftwareSigner.generate(Algorithm.ES256), SoftwareSigner.generate(Algorithm.ES384)
    parsed = jws.parse(jws.sign({}, b"{}", signer))
    with pytest.raises(CryptographyFailed):
        jws.verify(parsed, other.public_key)
    with pytest.raises(CryptographyFailed):
        jws.verify(parsed, signer.public_key, frozenset({Algorithm.EDDSA}))


@pytest.mark.clause("RFC 7515 §4.1.11")
@pytest.mark.parametrize(
    "member", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"b64": True, "crit": ["b64"]}]
)
def test_critical_extensions_are_refused(member: dict[str, Any]) -> None:
    with pytest.raises(MalformedInput):
        jws.parse(_compact({"alg": "ES256", **member}))


@pytest.mark.clause("RFC 7515 §3.1")
@pytest.mark.parametrize(
    "compact",
    [
        "", ".", "..", "a.b", "a.b.c.d", "...", _compact(b"[]"), _compact(b"1"), _compact(b"{"), _compact(b'{"alg":"ES256","alg":"ES256"}'),
        _compact({"alg": "ES256"}) + "=", " " + _compact({"alg": "ES256"}), _compact({"alg": "ES256"}) + "\n",
        _compact({"alg": "ES256"}).replace(".", "..", 1), "あ.い.う", _compact({"alg": "ES256"}) + "é",
    ],
)  # fmt: skip
def test_what_is_not_three_parts_of_base64url_is_refused(compact: str) -> None:
    with pytest.raises(MalformedInput):
        jws.parse(compact)
    with pytest.raises(MalformedInput):
        jws.parse(compact.encode())


def test_sizes_are_limited() -> None:
    signer = SoftwareSigner.generate()
    compact = jws.sign({}, bytes(1_000), signer)
    assert jws.parse(compact, max_bytes=len(compact))
    with pytest.raises(LimitExceeded):
        jws.parse(compact, max_bytes=len(compact) - 1)
    with pytest.raises(LimitExceeded):
        jws.parse(jws.sign({"x": "y" * jws.MAX_HEADER_BYTES}, b"", signer))


@_ALL
def test_every_changed_part_breaks_the_signature(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    head, payload, signature = jws.sign({}, b'{"a":1}', signer).split(".")
    changed_payload = base64url.encode(b'{"a":2}')
    changed_head = base64url.encode(json.dumps({"alg": algorithm.value}))
    changed_signature = base64url.encode(base64url.decode(signature)[::-1])
    for compact in (
        f"{head}.{changed_payload}.{signature}",
        f"{changed_head}.{payload}.{signature}",
        f"{head}.{payload}.{changed_signature}",
        f"{head}.{payload}.",
    ):
        with pytest.raises(CryptographyFailed):
            jws.verify(jws.parse(compact), signer.public_key)


@pytest.mark.clause("RFC 7515 §4.1.6")
def test_a_certificate_chain_goes_into_the_header_and_comes_out() -> None:
    signer = SoftwareSigner.generate().with_certificates((b"\x30leaf", b"\x30intermediate"))
    header = jws.certificate_header(signer)
    assert jws.certificates_of(header) == (b"\x30leaf", b"\x30intermediate")
    assert jws.certificate_header(SoftwareSigner.generate()) == {}
    assert jws.certificates_of({}) == ()


@pytest.mark.clause("RFC 7515 §4.1.6")
@pytest.mark.parametrize(
    "chain", ["MAA=", [], [1], [None], ["MA"], ["M_A="], ["MAA=\n"], [["MAA="]], ["MAA="] * 6, {}, 0, False]
)
def test_a_faulty_chain_is_refused(chain: object) -> None:
    with pytest.raises(MalformedInput):
        jws.certificates_of({"x5c": chain})
