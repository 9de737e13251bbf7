"""`python -m tests.benchmarks [--quick] [--only formats|each|mobile|status|batches|endpoints]`: a table for people, then JSON."""

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import cryptography

from tests.benchmarks import batches, each_format, endpoints, formats, mobile, status
from tests.benchmarks.measuring import QUICK, THOROUGH, Effort, Row, reference_seconds, table

PARTS: Mapping[str, Callable[[Effort, Path], Iterator[Row]]] = {
    "formats": formats.rows,
    "each": each_format.rows,
    "mobile": mobile.rows,
    "status": status.rows,
    "endpoints": endpoints.rows,
    "batches": batches.rows,
}


def main(arguments: list[str]) -> None:
    """Measure, print a table, and print everything once more as one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less than a minute; the values are rough")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part (repeatable)")
    chosen = parser.parse_args(arguments)
    effort = QUICK if chosen.quick else THOROUGH
    rows = []
    for name in chosen.only or PARTS:
        print(f"… {name}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            rows += list(PARTS[name](effort, Path(folder)))
    print(table(rows))
    print(json.dumps({**_machine(effort), "rows": [asdict(row) for row in rows]}, ensure_ascii=False))


def _machine(effort: Effort) -> dict[str, object]:
    sign, verify = reference_seconds(effort)
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cryptography": cryptography.__version__,
        "machine": platform.machine(),
        "raw_signs_per_second": round(1 / sign),
        "raw_verifies_per_second": round(1 / verify),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
