"""Hashing to scalars and points: the IETF's vectors, and the ends of what is expanded."""

import pytest

from tegata.errors import LimitExceeded
from tegata.keys.bbs.ciphersuite import expand_message_xmd, expand_message_xof
from tegata.keys.bbs.core import random_scalar
from tegata.keys.bbs.generators import create_generators
from tegata.keys.bbs.interface import messages_to_scalars
from tests.tegata.keys.bbs.support import SUITES, mocked_random, octets, read

_EACH_SUITE = pytest.mark.parametrize("suite", SUITES)


@_EACH_SUITE
@pytest.mark.clause("BBS §4.2.2")
def test_a_message_hashes_to_the_published_scalar(suite):
    vector = read(suite, "h2s.json")
    message, tag = octets([vector["message"], vector["dst"]])
    assert SUITES[suite].hash_to_scalar(message, tag).to_be_bytes().hex() == vector["scalar"]


@_EACH_SUITE
@pytest.mark.clause("BBS §4.1.2")
def test_messages_map_to_the_published_scalars(suite):
    vector = read(suite, "MapMessageToScalarAsHash.json")
    messages = octets(case["message"] for case in vector["cases"])
    found = messages_to_scalars(messages, SUITES[suite])
    assert [scalar.to_be_bytes().hex() for scalar in found] == [case["scalar"] for case in vector["cases"]]


@_EACH_SUITE
@pytest.mark.clause("BBS §4.1.1")
def test_generators_are_the_published_points(suite):
    vector = read(suite, "generators.json")
    found = create_generators(len(vector["MsgGenerators"]) + 1, SUITES[suite])
    assert SUITES[suite].p1.hex() == vector["P1"]
    assert found.q1.to_compressed_bytes().hex() == vector["Q1"]
    assert [point.to_compressed_bytes().hex() for point in found.messages] == vector["MsgGenerators"]
    assert found.octets.hex() == vector["Q1"] + "".join(vector["MsgGenerators"])


@_EACH_SUITE
def test_mocked_randomness_gives_the_published_scalars(suite):
    vector = read(suite, "mockedRng.json")
    random = mocked_random(suite, vector["count"], bytes.fromhex(vector["seed"]))
    found = [random_scalar(random).to_be_bytes().hex() for _ in range(vector["count"])]
    assert found == vector["mockedScalars"]


@_EACH_SUITE
def test_generators_end_where_messages_do(suite):
    assert create_generators(2, SUITES[suite]) is create_generators(2, SUITES[suite])
    for count in (0, 2_050):
        with pytest.raises(LimitExceeded):
            create_generators(count, SUITES[suite])


@pytest.mark.clause("RFC 9380 §5.3")
@pytest.mark.parametrize("expand", [expand_message_xmd, expand_message_xof])
def test_expanding_ends_where_the_rfc_ends_it(expand):
    assert len(expand(b"abc", b"tag", 128)) == 128
    with pytest.raises(LimitExceeded):
        expand(b"abc", bytes(256), 32)
    with pytest.raises(LimitExceeded):
        expand(b"abc", b"tag", 65_536)


def test_sha_256_is_expanded_to_255_blocks():
    assert len(expand_message_xmd(b"", b"tag", 255 * 32)) == 255 * 32
    with pytest.raises(LimitExceeded):
        expand_message_xmd(b"", b"tag", 255 * 32 + 1)
