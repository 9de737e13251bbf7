"""What every page has to hold, as assertions on a page in the browser. Used by the kit's tests and by the services'."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent.parent
SCREENSHOTS = ROOT / "test-results" / "screenshots"
_AXE = ROOT / "tests" / "peers" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: WCAG 2.2 asks for 24; ours is what a thumb needs.
_TARGET = 44

# Links inside sentences are exempt (WCAG 2.5.8), and so is what lies under a larger target.
_SMALL_TARGETS = """minimum => {
  const inSentence = (element) => element.matches('a:not(.button)') && getComputedStyle(element).display === 'inline'
    && [...(element.closest('p, li, dd, td, .error-summary') ?? element).childNodes].length > 0;
  const label = (element) => element.closest('label') ?? (element.id && document.querySelector(`label[for="${element.id}"]`));
  const area = (element) => {
    const own = element.getBoundingClientRect();
    if (!element.matches('input[type=checkbox], input[type=radio]')) return own;
    const other = label(element)?.getBoundingClientRect() ?? own;
    return {
      width: Math.max(own.right, other.right) - Math.min(own.left, other.left),
      height: Math.max(own.bottom, other.bottom) - Math.min(own.top, other.top),
    };
  };
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter((element) => element.checkVisibility() && !element.matches('.skip-link, .card--link a') && !inSentence(element))
    .map((element) => [element.outerHTML.slice(0, 120), area(element)])
    .filter(([, box]) => box.width > 1 && (box.width < minimum - 0.5 || box.height < minimum - 0.5))
    .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`);
}"""

_FOCUS = """() => {
  const element = document.activeElement;
  const line = (node) => {
    const style = getComputedStyle(node);
    return style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth);
  };
  const box = element.getBoundingClientRect();
  const holders = [element, element.closest('.card--link'), element.closest('.drop')].filter(Boolean);
  const middle = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)];
  const top = document.elementFromPoint(...middle);
  return {
    element: element === document.body ? 'body' : element.outerHTML.slice(0, 160),
    outline: Math.max(...holders.map(line)),
    isCovered: !!top && !!top.closest('.demo-band, .selection-bar') && !element.closest('.demo-band, .selection-bar'),
  };
}"""


@cache
def _axe() -> str:
    if not _AXE.is_file():
        pytest.skip("axe-core is not installed: make peers")
    return _AXE.read_text("utf-8")


def axe_violations(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 AA, one line a finding."""
    # evaluate() goes through the debugger, so the page's content security policy stays as it is.
    page.evaluate(_axe())
    options = json.dumps({"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]})
    found: dict[str, Any] = page.evaluate(f"() => axe.run(document, {options})")
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """Assert: no axe finding, no sideways scrolling, a language, one h1, targets of 44 px, a word in every tag."""
    violations = axe_violations(page)
    assert violations == [], violations
    assert_no_sideways_scroll(page)
    assert page.evaluate("() => document.documentElement.lang") in {"ja", "en"}
    assert page.locator("h1").count() == 1
    assert page.title().strip()
    small = page.evaluate(_SMALL_TARGETS, _TARGET)
    assert small == [], small
    assert (
        page.evaluate(
            "() => [...document.querySelectorAll('.tag')].filter(tag => !tag.textContent.trim()).length"
        )
        == 0
    )


def assert_no_sideways_scroll(page: Page) -> None:
    """Assert that the page fits its window; a table may scroll inside its own region (WCAG 1.4.10)."""
    wide = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll('body *')]
            .filter((element) => element.getBoundingClientRect().right > width + 1 && !element.closest('.table-region'))
            .map((element) => element.outerHTML.slice(0, 120)).concat(['scrolls']);
        }"""
    )
    assert wide == [], wide


def focus_stops(page: Page, limit: int = 200) -> list[str]:
    """Press Tab through the whole page; assert at each stop that the focus is seen, and return the stops."""
    stops: list[str] = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop: dict[str, Any] = page.evaluate(_FOCUS)
        if stop["element"] == "body" or (stops and stop["element"] == stops[0]):
            return stops
        assert stop["outline"] >= 2, stop
        assert not stop["isCovered"], stop
        stops.append(stop["element"])
    raise AssertionError(f"more than {limit} stops: the focus is trapped, or the page is too long")


def screenshot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page in `test-results/screenshots`."""
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path
