"""QR codes as inline SVG: black on white, a quiet zone of four modules, level M (ISO/IEC 18004)."""

from itertools import groupby

import segno
from markupsafe import Markup

from tegata.errors import LimitExceeded

QUIET_ZONE = 4
#: A version 25 symbol at level M; beyond it, cameras of phones fail on screens (and paper takes two codes).
MAX_BYTES = 1_000


def svg(data: str, title: str) -> Markup:
    """Draw `data`; the title is what a screen reader says. Raises `LimitExceeded` for what no camera would read."""
    if len(data.encode("utf-8")) > MAX_BYTES:
        raise LimitExceeded(f"{len(data)} characters for a QR code")
    modules = segno.make(data, error="m", micro=False, boost_error=False).matrix
    side = len(modules) + 2 * QUIET_ZONE
    path = "".join(_row(row, index) for index, row in enumerate(modules))
    return Markup(
        '<svg class="qr__code" role="img" aria-label="{}" viewBox="0 0 {} {}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{}v{}H0z"/><path fill="#000" d="{}"/></svg>'
    ).format(title, side, side, side, side, path)


def _row(row: bytearray, index: int) -> str:
    drawn, column = [], 0
    for is_dark, run in groupby(row):
        length = len(list(run))
        if is_dark:
            drawn.append(f"M{column + QUIET_ZONE} {index + QUIET_ZONE}h{length}v1h-{length}z")
        column += length
    return "".join(drawn)
