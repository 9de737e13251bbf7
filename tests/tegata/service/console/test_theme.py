"""The contrast of every pair of colours that the roles promise, computed from the style sheets themselves."""

import re
from pathlib import Path

import pytest

import tegata.service.console

_STATIC = Path(tegata.service.console.__file__).parent / "static"
_DECLARATION = re.compile(r"(--[\w-]+):\s*([^;]+);")


def _declared(path: Path) -> dict[str, str]:
    # The first declaration: prefers-contrast only makes things stronger.
    found: dict[str, str] = {}
    for name, value in _DECLARATION.findall(path.read_text("utf-8")):
        found.setdefault(name, value.strip())
    return found


_COLOURS = _declared(_STATIC / "vendor" / "tokens.css") | _declared(_STATIC / "theme.css")


def _resolve(name: str) -> str:
    value = _COLOURS[name]
    return _resolve(value[4:-1]) if value.startswith("var(") else value


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    light, dark = sorted((_luminance(_resolve(first)), _luminance(_resolve(second))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.clause("WCAG 1.4.3")
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((role, "--surface") for role in ("--text", "--text-strong", "--text-help", "--link", "--error")),
        *((role, "--surface-2") for role in ("--text", "--text-strong", "--text-help", "--link", "--error")),
        ("--text-strong", "--surface-head"),
        ("--on-primary", "--primary"),
        ("--on-primary", "--primary-hover"),
        ("--on-primary", "--primary-pressed"),
        ("--on-primary", "--danger"),
        ("--on-primary", "--danger-hover"),
        ("--on-primary", "--danger-pressed"),
        ("--primary", "--surface"),
        ("--primary-hover", "--selected"),
        ("--primary", "--info-tint"),
        ("--success-text", "--success-tint"),
        ("--error-text", "--error-tint"),
        ("--undecided-text", "--undecided-tint"),
        ("--suspended-text", "--suspended-tint"),
        ("--text-strong", "--selected"),
        ("--text-strong", "--success-tint"),
        ("--link", "--focus-ground"),
    ],
)
def test_text_has_a_contrast_of_five(text: str, ground: str):
    assert _contrast(text, ground) >= 5


@pytest.mark.clause("WCAG 1.4.11")
@pytest.mark.parametrize(
    ("part", "ground"),
    [
        ("--border", "--surface"),
        ("--border", "--surface-2"),
        ("--text-help", "--surface"),
        ("--success", "--success-tint"),
        ("--error", "--error-tint"),
        ("--undecided", "--undecided-tint"),
        ("--suspended", "--suspended-tint"),
        ("--focus-line", "--surface"),
        ("--focus-ground", "--primary"),
    ],
)
def test_parts_have_a_contrast_of_three(part: str, ground: str):
    assert _contrast(part, ground) >= 3


def test_the_published_ratios_are_the_computed_ones():
    assert round(_contrast("--text", "--surface"), 2) == 12.63
    assert round(_contrast("--primary", "--surface"), 2) == 11.10
    assert round(_contrast("--error", "--surface-2"), 2) == 5.18
    assert round(_contrast("--undecided-text", "--undecided-tint"), 2) == 6.43


def test_our_style_sheets_name_no_colour_and_fetch_nothing():
    for path in sorted(_STATIC.glob("*.css")):
        text = path.read_text("utf-8")
        assert "url(" not in text, path.name
        assert "@import" not in text, path.name
        if path.name != "print.css":
            literal = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", text)) - {"#fff"}
            assert literal == set(), path.name


def test_the_script_is_small_and_keeps_nothing_in_the_browser():
    script = (_STATIC / "app.js").read_text("utf-8")
    assert len(script.splitlines()) < 250
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|eval\(|innerHTML", script)
