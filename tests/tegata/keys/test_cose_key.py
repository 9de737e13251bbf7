"""COSE keys: what a device says its key is, read strictly."""

from typing import Any

import pytest

from tegata.errors import MalformedInput
from tegata.keys import jwk
from tegata.keys.cose_key import from_cose_key, to_cose_key
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner


@pytest.mark.clause("RFC 9053 §7.1")
@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_a_key_is_written_and_read(algorithm: Algorithm) -> None:
    key = SoftwareSigner.generate(algorithm).public_key
    read = from_cose_key(to_cose_key(key), "name")
    assert jwk.to_jwk(read) == jwk.to_jwk(key)
    assert (read.algorithm, read.key_id) == (algorithm, "name")


def _p256() -> dict[int, Any]:
    return to_cose_key(SoftwareSigner.generate().public_key)


@pytest.mark.parametrize(
    "change",
    [{1: 1}, {1: 3}, {1: True}, {1: None}, {-1: 2}, {-1: 7}, {-1: "P-256"}, {-2: b""}, {-2: b"x" * 33}, {-2: "x"}, {-3: True},
     {-3: bytes(32)}, {-4: b"d" * 32}, {3: -8}, {3: "ES256"}],
    ids=str,
)  # fmt: skip
def test_what_is_no_public_key_of_ours_is_malformed(change: dict[int, Any]) -> None:
    with pytest.raises(MalformedInput):
        from_cose_key({**_p256(), **change})


@pytest.mark.parametrize("value", [None, [], b"", {}, {1: 2}])
def test_what_is_no_key_at_all_is_malformed(value: Any) -> None:
    with pytest.raises(MalformedInput):
        from_cose_key(value)


def test_its_own_algorithm_may_be_named() -> None:
    assert from_cose_key({**_p256(), 3: -7}).algorithm is Algorithm.ES256
