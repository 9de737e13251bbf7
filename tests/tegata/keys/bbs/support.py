"""The IETF's vectors for BBS, and what the tests of this room share."""

import json
from pathlib import Path

from tegata.keys.bbs.ciphersuite import BLS12_381_SHA_256, BLS12_381_SHAKE_256, EXPAND_LENGTH

VECTORS = Path(__file__).parents[3] / "vectors" / "ietf" / "bbs"
SUITES = {"bls12-381-sha-256": BLS12_381_SHA_256, "bls12-381-shake-256": BLS12_381_SHAKE_256}


def read(suite, name):
    return json.loads((VECTORS / suite / name).read_bytes())


def octets(values):
    return [bytes.fromhex(value) for value in values]


def cases(kind):
    """The suite and name of every vector of a kind."""
    return [
        (suite, f"{kind}/{path.name}")
        for suite in SUITES
        for path in sorted((VECTORS / suite / kind).iterdir())
    ]


def mocked_random(suite, count, seed=b"3.141592653589793238462643383279", tag=b"MOCK_RANDOM_SCALARS_DST_"):
    """The draft's stand-in for randomness: one expansion of a seed, given out piece by piece."""
    ciphersuite = SUITES[suite]
    expanded = ciphersuite.expand_message(seed, ciphersuite.api_id + tag, count * EXPAND_LENGTH)
    pieces = iter(range(0, len(expanded), EXPAND_LENGTH))

    def random(length):
        start = next(pieces)
        return expanded[start : start + length]

    return random
