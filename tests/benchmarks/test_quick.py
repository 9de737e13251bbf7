"""The benchmarks still run, whatever they measure here: a value says nothing on a machine that tests."""

import json
import subprocess
import sys
from pathlib import Path

PARTS = (
    "SD-JWT VC issue, transcript",
    "Data Integrity verify, graduation",
    "ecdsa-sd-2023 derive, graduation",
    "mdoc format alone, issue",
    "mdoc verify, transcript",
    "Revoke and sign again, list of 131072",
    "Revoke and sign again, list of 131072, as Bitstring",
    "Credential endpoint, graduation",
    "Response endpoint, transcript",
    "Batch sealing, 76 documents, SQLite",
    "Peak memory, batch of 76",
)


def test_the_quick_run_measures_everything() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick"],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr.decode()
    *lines, last = done.stdout.decode().splitlines()
    rows = json.loads(last)["rows"]
    assert len(rows) == len(lines)
    assert all(row["value"] > 0 for row in rows)
    assert set(PARTS) <= {row["name"] for row in rows}
