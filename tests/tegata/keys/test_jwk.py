"""Public JWKs and thumbprints, against the examples of the standards."""

from typing import Any

import pytest

from tegata.errors import MalformedInput
from tegata.keys import jwk
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey
from tegata.keys.software import SoftwareSigner

#: RFC 8037 Appendix A.
_ED25519 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
#: RFC 7515 Appendix A.3.
_P256 = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}


@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_a_key_comes_back(algorithm: Algorithm) -> None:
    key = SoftwareSigner.generate(algorithm).public_key
    again = jwk.from_jwk(jwk.to_jwk(key))
    assert again == key
    assert again.key_id == jwk.thumbprint(key)


@pytest.mark.clause("RFC 8037 Appendix A.3")
def test_the_thumbprint_of_the_published_ed25519_key() -> None:
    assert jwk.thumbprint(jwk.from_jwk(_ED25519)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.clause("RFC 8037 Appendix A.4")
def test_the_signature_of_the_published_ed25519_example_holds() -> None:
    signature = bytes.fromhex(
        "860c98d2297f3060a33f42739672d61b53cf3adefed3d3c672f320dc021b411e"
        "9d59b8628dc351e248b88b29468e0e41855b0fb7d83bb15be902bfccb8cd0a02"
    )
    jwk.from_jwk(_ED25519).verify(signature, b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")


@pytest.mark.clause("RFC 7638 §3")
def test_a_thumbprint_covers_the_required_members_only() -> None:
    assert jwk.from_jwk({**_P256, "kid": "a"}).key_id == "a"
    named, plain = jwk.from_jwk({**_P256, "use": "sig", "alg": "ES256", "x5t": "z"}), jwk.from_jwk(_P256)
    assert jwk.thumbprint(named) == jwk.thumbprint(plain) == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"


@pytest.mark.clause("RFC 7518 §6.2.1.2")
def test_coordinates_keep_their_leading_zeros() -> None:
    for _ in range(2_000):
        key = SoftwareSigner.generate().public_key
        members = jwk.to_jwk(key)
        assert len(members["x"]) == len(members["y"]) == 43
        if members["x"].startswith("AA"):
            break


def _other(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**_P256, **changes}.items() if value is not ...}


@pytest.mark.parametrize(
    "value",
    [
        None, [], "jwk", {}, _other(kty="RSA"), _other(crv="P-521"), _other(crv=None), _other(crv=["P-256"]), _other(crv="P-384"),
        _other(x=...), _other(y=1), _other(x=_P256["x"] + "A"), _other(x="AA" + _P256["x"]), _other(x=_P256["x"][:-1]),
        _other(y=_P256["x"]), _other(x=_P256["x"] + "="), _other(alg="ES384"), _other(alg="none"), _other(use="enc"),
        _other(d="AAAA"), {"kty": "oct", "k": "AAAA"}, {**_ED25519, "d": "AAAA"}, {**_ED25519, "x": "AAAA"},
        {**_ED25519, "crv": "X25519"}, {**_ED25519, "alg": "ES256"},
    ],
)  # fmt: skip
def test_other_and_faulty_keys_are_refused(value: object) -> None:
    with pytest.raises(MalformedInput):
        jwk.from_jwk(value)


def test_a_kid_that_is_no_text_is_replaced_by_the_thumbprint() -> None:
    key: PublicKey = jwk.from_jwk({**_P256, "kid": 7})
    assert key.key_id == jwk.thumbprint(key)


@pytest.mark.clause("OID4VP 1.0 §B.2.6.1")
def test_the_thumbprint_of_the_key_of_the_specifications_example() -> None:
    key = {
        "kty": "EC",
        "crv": "P-256",
        "x": "DxiH5Q4Yx3UrukE2lWCErq8N8bqC9CHLLrAwLz5BmE0",
        "y": "XtLM4-3h5o3HUH0MHVJV0kyq0iBlrBwlh8qEDMZ4-Pc",
        "use": "enc",
        "alg": "ECDH-ES",
        "kid": "1",
    }
    wanted = "4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047"
    assert jwk.encryption_thumbprint(key).hex() == wanted


@pytest.mark.parametrize("key", [{}, _ED25519, {**_P256, "x": 1}], ids=["none", "another kind", "no text"])
def test_only_an_ec_key_has_the_thumbprint_of_an_encryption_key(key: dict[str, Any]) -> None:
    with pytest.raises(MalformedInput):
        jwk.encryption_thumbprint(key)
