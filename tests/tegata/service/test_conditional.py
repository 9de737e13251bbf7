"""If-None-Match: what is known is not sent again, and nothing else is held back."""

import pytest

from tegata.service.conditional import is_known


@pytest.mark.parametrize(
    "header", ['"abc"', 'W/"abc"', '"x", "abc"', 'W/"x" , W/"abc"', "*", "abc", ' "abc" ']
)
def test_a_tag_that_is_named_is_known(header: str) -> None:
    assert is_known(header, '"abc"')


@pytest.mark.parametrize("header", ["", '"ab"', '"abcd"', 'W/"x"', '""', '"*x"', ",", '"ABC"'])
def test_any_other_is_not(header: str) -> None:
    assert not is_known(header, '"abc"')
