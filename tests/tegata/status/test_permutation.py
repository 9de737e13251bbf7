"""The order in which indices are given out."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegata.errors import MalformedInput, Misconfigured
from tegata.status.entries import MIN_SIZE
from tegata.status.permutation import IndexPermutation

_SECRETS = st.binary(min_size=32, max_size=32)


@settings(max_examples=30, deadline=None)
@given(_SECRETS, st.text(max_size=10), st.integers(2, 600))
def test_every_index_is_given_exactly_once(secret: bytes, list_id: str, size: int) -> None:
    order = IndexPermutation(secret, list_id, size)
    assert sorted(map(order.index_of, range(size))) == list(range(size))


def test_a_whole_list_is_given_out_without_a_repetition() -> None:
    order = IndexPermutation(bytes(32), "list", MIN_SIZE)
    assert len({order.index_of(counter) for counter in range(20_000)}) == 20_000


@settings(max_examples=25, deadline=None)
@given(_SECRETS, st.integers(0, MIN_SIZE - 1))
def test_the_order_is_the_same_on_every_machine(secret: bytes, counter: int) -> None:
    first, second = (IndexPermutation(secret, "a", MIN_SIZE).index_of(counter) for _ in range(2))
    assert first == second


def test_published_indices_never_change_meaning() -> None:
    order = IndexPermutation(bytes(range(32)), "https://issuer.example/status/1", MIN_SIZE)
    assert [order.index_of(counter) for counter in range(4)] == [83722, 55675, 15741, 23578]


def test_each_list_and_each_secret_has_its_own_order() -> None:
    orders = [
        [order.index_of(counter) for counter in range(50)]
        for order in (
            IndexPermutation(bytes(32), "a", MIN_SIZE),
            IndexPermutation(bytes(32), "b", MIN_SIZE),
            IndexPermutation(b"\x01" * 32, "a", MIN_SIZE),
            IndexPermutation(bytes(32), "a", MIN_SIZE * 2),
        )
    ]
    assert len({tuple(order) for order in orders}) == 4


def test_neighbours_do_not_stay_neighbours() -> None:
    order = IndexPermutation(bytes(32), "a", MIN_SIZE)
    indices = [order.index_of(counter) for counter in range(1_000)]
    steps = [abs(after - before) for before, after in itertools.pairwise(indices)]
    assert sum(step < 100 for step in steps) < 20  # expected by chance: 1.5
    assert 0.4 < sum(index < MIN_SIZE // 2 for index in indices) / 1_000 < 0.6


@pytest.mark.parametrize("counter", [-1, 100, 10**9])
def test_a_full_list_gives_nothing_more(counter: int) -> None:
    with pytest.raises(MalformedInput):
        IndexPermutation(bytes(32), "a", 100).index_of(counter)


def test_a_short_secret_is_the_operators_mistake() -> None:
    with pytest.raises(Misconfigured):
        IndexPermutation(bytes(31), "a", 100)


@pytest.mark.parametrize("size", [-1, 0, 1])
def test_there_is_nothing_to_shuffle_in_less_than_two(size: int) -> None:
    with pytest.raises(MalformedInput):
        IndexPermutation(bytes(32), "a", size)
