"""Signatures, and the pairing of a key with the only algorithm it is used with."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from tegata.errors import CryptographyFailed, MalformedInput
from tegata.keys.signer import (
    DEFAULT_ALGORITHMS,
    Algorithm,
    PublicKey,
    algorithm_for,
    public_key_from,
    public_key_from_point,
)
from tegata.keys.software import SoftwareSigner

_ALL = pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
_WIDTHS = {Algorithm.ES256: 64, Algorithm.ES384: 96, Algorithm.EDDSA: 64}


@_ALL
def test_a_signature_holds_over_its_message_only(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    signature = signer.sign(b"message")
    assert len(signature) == _WIDTHS[algorithm]
    signer.public_key.verify(signature, b"message")
    with pytest.raises(CryptographyFailed):
        signer.public_key.verify(signature, b"massage")
    with pytest.raises(CryptographyFailed):
        SoftwareSigner.generate(algorithm).public_key.verify(signature, b"message")


@_ALL
@pytest.mark.parametrize(
    "change", [lambda s: s[:-1], lambda s: s + b"\x00", lambda s: bytes(len(s)), lambda _: b""]
)
def test_a_signature_of_another_length_or_of_zeros_does_not_hold(
    algorithm: Algorithm, change: Callable[..., Any]
) -> None:
    signer = SoftwareSigner.generate(algorithm)
    with pytest.raises(CryptographyFailed):
        signer.public_key.verify(change(signer.sign(b"m")), b"m")


@pytest.mark.clause("RFC 7518 §3.4")
def test_a_der_signature_is_not_a_jose_signature() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    der = private.sign(b"m", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(CryptographyFailed):
        PublicKey(Algorithm.ES256, private.public_key()).verify(der, b"m")


def test_r_or_s_of_the_group_order_does_not_hold() -> None:
    signer = SoftwareSigner.generate()
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    s = signer.sign(b"m")[32:]
    for r in (0, order, 2**256 - 1):
        with pytest.raises(CryptographyFailed):
            signer.public_key.verify(r.to_bytes(32, "big") + s, b"m")


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: ec.generate_private_key(ec.SECP256R1()), Algorithm.ES256),
        (lambda: ec.generate_private_key(ec.SECP384R1()), Algorithm.ES384),
        (ed25519.Ed25519PrivateKey.generate, Algorithm.EDDSA),
    ],
)
def test_each_kind_of_key_has_one_algorithm(make: Callable[..., Any], algorithm: Algorithm) -> None:
    private = make()
    assert algorithm_for(private) is algorithm_for(private.public_key()) is algorithm
    assert public_key_from(private.public_key(), "k").algorithm is algorithm


@pytest.mark.parametrize(
    "make",
    [
        lambda: ec.generate_private_key(ec.SECP521R1()).public_key(),
        lambda: ec.generate_private_key(ec.SECP256K1()).public_key(),
        lambda: rsa.generate_private_key(65537, 2048).public_key(),
        lambda: ed448.Ed448PrivateKey.generate().public_key(),
        lambda: ec.generate_private_key(ec.SECP256R1()),
        object,
    ],
)
def test_other_kinds_of_key_are_refused(make: Callable[..., Any]) -> None:
    with pytest.raises(MalformedInput):
        public_key_from(make())


@pytest.mark.clause("RFC 8032 §5.1")
@pytest.mark.parametrize(
    "point",
    [
        bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f", b"\xed" + b"\xff" * 30 + b"\x7f",
        b"\xee" + b"\xff" * 30 + b"\xff", b"\x00" * 31 + b"\x80",
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        bytes(31), bytes(33), b"",
    ],
)  # fmt: skip
def test_ed25519_keys_that_prove_nothing_are_refused(point: bytes) -> None:
    with pytest.raises(MalformedInput):
        public_key_from_point(Algorithm.EDDSA, point)


@pytest.mark.clause("RFC 7518 §6.2.1")
@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.ES384])
@pytest.mark.parametrize(
    "point", [b"", b"\x00", b"\x04" + bytes(64), b"\x04" + b"\x01" * 96, b"\x02" + b"\xff" * 32]
)
def test_points_off_the_curve_are_refused(algorithm: Algorithm, point: bytes) -> None:
    with pytest.raises(MalformedInput):
        public_key_from_point(algorithm, point)


def test_key_material_is_not_printed() -> None:
    signer = SoftwareSigner.generate(key_id="kid-1")
    assert "kid-1" in repr(signer)
    assert "Private" not in repr(signer)
