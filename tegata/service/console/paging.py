"""Paging and sorting of tables, read from the query string; the server does both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SIZES = (50, 100, 200)
_LAST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Pagination:
    """One page of `total` rows. `page` counts from 1 and is cut to what exists."""

    page: int
    size: int
    total: int

    @classmethod
    def read(cls, query: Mapping[str, str], total: int) -> "Pagination":
        """Read `page` and `size`; whatever is not a page that exists becomes the nearest that does."""
        size = _whole(query.get("size", ""), SIZES[0])
        size = size if size in SIZES else SIZES[0]
        pages = max(1, -(-total // size))
        return cls(min(max(1, _whole(query.get("page", ""), 1)), pages), size, total)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """Rows to leave out before this page."""
        return (self.page - 1) * self.size

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1; 0 if there is none."""
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.offset + self.size, self.total)

    @property
    def window(self) -> tuple[int, ...]:
        """Pages to link: the first, the last and the neighbours; 0 stands for a gap."""
        near = {1, self.pages, *range(self.page - 1, self.page + 2)}
        shown = sorted(page for page in near if 1 <= page <= self.pages)
        window: list[int] = []
        for page in shown:
            if window and page - window[-1] > 1:
                # A gap of one page is shown as that page: it takes no more room.
                window.append(page - 1 if page - window[-1] == 2 else 0)  # noqa: PLR2004
            window.append(page)
        return tuple(window)


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column, and in which direction, the rows stand."""

    column: str
    is_descending: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str], columns: Sequence[str]) -> "Sort":
        """Read `sort` (`kana`, `-kana`); an unknown column becomes the first one."""
        value = query.get("sort", "")
        column = value.removeprefix("-")
        return cls(column, value.startswith("-")) if column in columns else cls(columns[0])

    def toggled(self, column: str) -> str:
        """Return the query value that the heading of `column` leads to."""
        return f"-{column}" if column == self.column and not self.is_descending else column

    def aria(self, column: str) -> str:
        """Return `aria-sort` of a column's heading."""
        if column != self.column:
            return "none"
        return "descending" if self.is_descending else "ascending"


def _whole(text: str, otherwise: int) -> int:
    return min(int(text), _LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 8 else otherwise  # noqa: PLR2004
