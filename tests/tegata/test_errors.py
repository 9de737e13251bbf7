"""Every refusal has a kind, a public text in two languages, and keeps its detail to itself."""

import pytest

from tegata import errors
from tegata.errors import MalformedInput, TegataError, Text


def _all(base: type[TegataError] = TegataError) -> list[type[TegataError]]:
    """Return every error of the product that is loaded by now; tests may define their own."""
    found = [base, *(found for child in base.__subclasses__() for found in _all(child))]
    return [kind for kind in found if not kind.__module__.startswith("tests.")]


def test_every_kind_says_something_in_both_languages() -> None:
    for kind in _all():
        assert kind.text.ja, kind
        assert kind.text.en, kind
        assert not kind.text.ja.isascii(), kind


def test_the_kinds_of_the_base_module_are_distinct() -> None:
    kinds = [kind.kind for kind in _all() if kind.__module__ == errors.__name__]
    assert len(set(kinds)) == len(kinds) == 9


def test_the_detail_is_not_the_public_text() -> None:
    error = MalformedInput("row 17 has no column 氏名", pointer="/name", clause="RFC 8259 §4")
    assert error.public == MalformedInput.text
    assert "row 17" not in error.public.en + error.public.ja
    assert (error.detail, error.pointer, error.clause) == (
        "row 17 has no column 氏名",
        "/name",
        "RFC 8259 §4",
    )


def test_a_public_text_may_be_given_for_one_case() -> None:
    text = Text("別の文", "another text")
    assert MalformedInput("detail", public=text).public == text
    assert str(MalformedInput(public=text)) == "another text"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ja", "はい"), ("en", "yes"), ("EN-gb", "yes"), ("fr", "はい"), ("", "はい")],
)
def test_everything_but_english_is_answered_in_japanese(language: str, expected: str) -> None:
    assert Text("はい", "yes").in_language(language) == expected
