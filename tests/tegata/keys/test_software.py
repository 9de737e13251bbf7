"""Software keys: signing, and being sealed at rest."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tegata.errors import CryptographyFailed, MalformedInput, Misconfigured
from tegata.keys import jwk
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner, open_private_key, seal_private_key

_KEK = bytes(range(32))
_ALL = pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))


@_ALL
def test_a_sealed_key_opens_into_the_same_signer(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    sealed = seal_private_key(signer, _KEK, "row 1")
    opened = open_private_key(sealed, _KEK, "row 1", certificates=(b"der",))
    signer.public_key.verify(opened.sign(b"m"), b"m")
    assert opened.public_key.key_id == signer.public_key.key_id == jwk.thumbprint(signer.public_key)
    assert opened.certificates == (b"der",)


def test_the_same_key_is_never_sealed_alike() -> None:
    signer = SoftwareSigner.generate()
    assert seal_private_key(signer, _KEK, "c") != seal_private_key(signer, _KEK, "c")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s[:-1], lambda s: s[:20], lambda _: b"", lambda s: b"\x02" + s[1:],
        lambda s: s[:40] + bytes([s[40] ^ 1]) + s[41:], lambda s: s[:5] + bytes([s[5] ^ 1]) + s[6:],
    ],
)  # fmt: skip
def test_changed_bytes_do_not_open(spoil: Callable[..., Any]) -> None:
    sealed = seal_private_key(SoftwareSigner.generate(), _KEK, "c")
    with pytest.raises(CryptographyFailed):
        open_private_key(spoil(sealed), _KEK, "c")


def test_another_key_or_another_row_does_not_open() -> None:
    sealed = seal_private_key(SoftwareSigner.generate(), _KEK, "tenant 1")
    with pytest.raises(CryptographyFailed):
        open_private_key(sealed, bytes(32), "tenant 1")
    with pytest.raises(CryptographyFailed):
        open_private_key(sealed, _KEK, "tenant 2")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_encryption_key_of_another_length_is_the_operators_mistake(length: int) -> None:
    with pytest.raises(Misconfigured):
        seal_private_key(SoftwareSigner.generate(), bytes(length), "c")
    with pytest.raises(Misconfigured):
        open_private_key(b"", bytes(length), "c")


def test_other_curves_are_refused() -> None:
    with pytest.raises(MalformedInput):
        SoftwareSigner.from_private_key(ec.generate_private_key(ec.SECP521R1()))


def test_certificates_are_replaced_as_a_whole() -> None:
    signer = SoftwareSigner.generate(key_id="k").with_certificates((b"leaf", b"ca"))
    assert signer.certificates == (b"leaf", b"ca")
    assert signer.with_certificates(()).certificates == ()
    assert signer.public_key.key_id == "k"


@_ALL
def test_a_certificate_request_proves_possession(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "学校")])
    request = x509.load_der_x509_csr(signer.certificate_request(name))
    assert request.is_signature_valid
    assert request.subject == name
    assert request.public_key() == signer.public_key.material
