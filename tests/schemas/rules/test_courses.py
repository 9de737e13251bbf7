from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules.courses import average_of, band_of


@pytest.mark.clause("大学入学者選抜実施要項")
@pytest.mark.parametrize(
    ("ratings", "average"),
    [
        ([3, 3, 5], "3.7"),
        ([4] * 27 + [3] * 4, "3.9"),  # 120 / 31
        ([5], "5.0"),
        ([1, 1], "1.0"),
        ([4, 4, 4, 5], "4.3"),  # 4.25: half up, where round() of a float gives 4.2
        ([3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4], "3.1"),  # 3.05
    ],
)
def test_an_average_is_rounded_half_up_to_one_decimal(ratings: list[int], average: str) -> None:
    assert average_of(ratings) == average


def test_without_ratings_there_is_no_average() -> None:
    assert average_of([]) is None


@given(st.lists(st.integers(1, 5), min_size=1, max_size=300))
def test_the_average_is_that_of_decimal_arithmetic(ratings: list[int]) -> None:
    exact = (Decimal(sum(ratings)) / len(ratings)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert average_of(ratings) == str(exact)


@pytest.mark.clause("大学入学者選抜実施要項")
@pytest.mark.parametrize(
    ("average", "band"),
    [
        ("5.0", "A"),
        ("4.3", "A"),
        ("4.2", "B"),
        ("3.5", "B"),
        ("3.4", "C"),
        ("2.7", "C"),
        ("2.6", "D"),
        ("1.9", "D"),
        ("1.8", "E"),
        ("1.0", "E"),
    ],
)
def test_a_band_reaches_from_one_average_to_another(average: str, band: str) -> None:
    assert band_of(average) == band
