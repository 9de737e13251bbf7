"""The points that messages are bound to (draft-irtf-cfrg-bbs-signatures §4.1.1): constant, made once, kept in order."""

from dataclasses import dataclass, field
from threading import Lock

from py_arkworks_bls12381 import G1Point

from tegata.errors import LimitExceeded
from tegata.keys.bbs.ciphersuite import EXPAND_LENGTH, Ciphersuite

#: How many messages one signature may cover here. The draft allows 2^64 - 1; each costs time and memory to verify.
MAX_MESSAGES = 2_048
_COUNTER_BYTES = 8


@dataclass(frozen=True, slots=True)
class Generators:
    """Q_1 for the domain and one H for each message; `octets` are all of them in this order, as they are hashed."""

    q1: G1Point
    messages: tuple[G1Point, ...]
    octets: bytes = field(repr=False)


@dataclass(slots=True)
class _Series:
    """What `create_generators` has made for one suite and interface so far, and where to go on from."""

    state: bytes
    points: list[G1Point] = field(default_factory=list)
    octets: list[bytes] = field(default_factory=list)


_series: dict[tuple[Ciphersuite, bytes, bytes], _Series] = {}
_made: dict[tuple[Ciphersuite, bytes, int], Generators] = {}
_lock = Lock()


def create_generators(count: int, suite: Ciphersuite) -> Generators:
    """Return Q_1 and `count - 1` message generators (§4.1.1); raises `LimitExceeded` for more than are allowed here."""
    if not 1 <= count <= MAX_MESSAGES + 1:
        raise LimitExceeded(f"{count - 1} messages; at most {MAX_MESSAGES} are signed together")
    key = (suite, suite.api_id, count)
    found = _made.get(key)
    if found is None:
        points, octets = points_of(count, suite, suite.api_id, b"MESSAGE_GENERATOR_SEED")
        found = _made[key] = Generators(points[0], points[1:], b"".join(octets))
    return found


def points_of(
    count: int, suite: Ciphersuite, api_id: bytes, seed: bytes
) -> tuple[tuple[G1Point, ...], tuple[bytes, ...]]:
    """Return the first points of a series and their octets, from what is known of it or by going on."""
    seed_tag, point_tag = api_id + b"SIG_GENERATOR_SEED_", api_id + b"SIG_GENERATOR_DST_"
    with _lock:
        series = _series.get((suite, api_id, seed))
        if series is None:
            state = suite.expand_message(api_id + seed, seed_tag, EXPAND_LENGTH)
            series = _series[(suite, api_id, seed)] = _Series(state)
        while len(series.points) < count:
            number = (len(series.points) + 1).to_bytes(_COUNTER_BYTES, "big")
            series.state = suite.expand_message(series.state + number, seed_tag, EXPAND_LENGTH)
            point = suite.hash_to_curve_g1(series.state, point_tag)
            series.points.append(point)
            series.octets.append(point.to_compressed_bytes())
        return tuple(series.points[:count]), tuple(series.octets[:count])
