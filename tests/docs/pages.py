"""Every page, or part of a page, that is made from code, by its path below docs/."""

from pathlib import Path

from tests.docs import commands_page, coverage_page, retention_table, settings_page
from tests.docs.markdown import with_generated

WHOLE = {
    "reference/settings.md": settings_page.content,
    "reference/commands.md": commands_page.content,
    "standards/coverage.md": coverage_page.content,
}
PARTS = {"law/retention.md": retention_table.content}


def made(docs: Path) -> dict[str, str]:
    """Return every page as it has to be; of a page with a generated part the rest is read from its file."""
    parts = {
        name: with_generated((docs / name).read_text("utf-8"), content()) for name, content in PARTS.items()
    }
    return {name: content() for name, content in WHOLE.items()} | parts


def write(docs: Path) -> None:
    """Write them."""
    for name, content in made(docs).items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(content, "utf-8")
