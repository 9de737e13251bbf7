"""Terms as they are signed, and N-Quads read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.errors import MalformedInput
from tegata.formats.linked_data import nquads
from tegata.formats.linked_data.nquads import XSD, Quad


@pytest.mark.clause("RDFC-1.0 §5")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("\b\t\n\f\r", r'"\b\t\n\f\r"'),
        ('"\\', r'"\"\\"'),
        ("\x00\x07\x0b\x1f\x7f", r'"\u0000\u0007\u000B\u001F\u007F"'),
        ("é手形\U00020bb7\x80'", '"é手形\U00020bb7\x80\'"'),
    ],
)
def test_a_literal_is_escaped_where_the_canonical_form_says_so_and_nowhere_else(value, expected):
    assert nquads.literal(value) == expected


def test_a_string_has_no_datatype_written():
    assert nquads.literal("x", XSD + "string") == '"x"'


def test_a_language_goes_before_a_datatype():
    assert nquads.literal("x", XSD + "string", "ja-Kana") == '"x"@ja-Kana'


@given(st.text(), st.sampled_from(("", XSD + "date")))
def test_any_text_is_read_back_as_it_was(value, datatype):
    quad = Quad("<a:s>", "<a:p>", nquads.literal(value.encode("utf-8", "ignore").decode(), datatype))
    assert nquads.parse(quad.line()) == (quad,)


def test_escapes_are_undone():
    (quad,) = nquads.parse(r'<a:\u0073> <a:p> "\u0041\U00020BB7\'\"" <a:g> . # end')
    assert quad == Quad("<a:s>", "<a:p>", '"A\U00020bb7\'\\""', "<a:g>")


def test_empty_lines_and_comments_are_no_quads():
    assert nquads.parse("\n# nothing\r\n  \n") == ()


@pytest.mark.parametrize(
    "line",
    [
        "<a:s> <a:p> .",
        '"x" <a:p> <a:o> .',
        "<a:s> _:b <a:o> .",
        "<relative> <a:p> <a:o> .",
        r"<a:\u0020> <a:p> <a:o> .",
        r'<a:s> <a:p> "\x" .',
        r'<a:s> <a:p> "\uD800" .',
        r'<a:s> <a:p> "\U00110000" .',
        '<a:s> <a:p> "x"^^<relative> .',
        '<a:s> <a:p> "x"@ .',
        '<a:s> <a:p> "x" "g" .',
        "<a:s> <a:p> <a:o>",
    ],
)
def test_what_is_not_n_quads_is_refused(line):
    with pytest.raises(MalformedInput):
        nquads.parse(line)


@pytest.mark.parametrize(
    "value", ["relative", "", "a b:c", "https://x/ y", "https://x/<y>", "a:\x00", "a:\x7f", ":x"]
)
def test_what_is_no_absolute_iri_is_refused(value):
    with pytest.raises(MalformedInput):
        nquads.iri(value)


@pytest.mark.parametrize("language", ["ja_JP", "1a", "toolonglanguage", "ja-", "日本"])
def test_what_is_no_language_tag_is_refused(language):
    with pytest.raises(MalformedInput):
        nquads.literal("x", language=language)


def test_lines_are_in_code_point_order_and_once():
    quads = [Quad("<a:s>", "<a:p>", text) for text in ('"\U00020bb7"', '"\uffee"', '"\uffee"')]
    assert nquads.serialize(quads).splitlines() == ['<a:s> <a:p> "\uffee" .', '<a:s> <a:p> "\U00020bb7" .']
