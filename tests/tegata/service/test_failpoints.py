"""Places where a test may kill the process."""

import signal
import subprocess
import sys

import pytest

from tegata.service import failpoints

PROGRAM = """
import sys
from tegata.service import failpoints
failpoints.define("here")
failpoints.arm(sys.argv[1])
for number in range(4):
    failpoints.passing("elsewhere")
    failpoints.passing("here")
    print(number, flush=True)
"""


@pytest.mark.parametrize(
    ("setting", "code", "printed"),
    [
        ("here", -signal.SIGKILL, ""),
        ("here:1", -signal.SIGKILL, ""),
        ("here:3", -signal.SIGKILL, "0\n1\n"),
        ("here:5", 0, "0\n1\n2\n3\n"),
        ("nowhere", 0, "0\n1\n2\n3\n"),
        ("", 0, "0\n1\n2\n3\n"),
    ],
)
def test_the_nth_passing_of_an_armed_point_kills(setting: str, code: int, printed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, setting], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, printed, "")


def test_points_are_known_by_name() -> None:
    assert failpoints.define("tests.example") == "tests.example"
    assert "tests.example" in failpoints.known()
