"""A whole prefecture's year in one import: what it takes must not grow without bounds."""

import subprocess
import sys
from pathlib import Path

from tests.issuer.register.large import delivery

MAX_MEGABYTES = 300


def test_an_import_of_20000_learners_stays_under_300_megabytes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/large.sqlite3"
    done = subprocess.run(
        [sys.executable, "-m", "tests.issuer.register.large", url, "20000"],
        input=delivery(20_000, 2),
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr.decode()
    peak = int(done.stdout.split()[0])
    assert 0 < peak < MAX_MEGABYTES
