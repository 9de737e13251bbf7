"""The sample school's register, for the demo and for tests. All invented; see the README beside it."""

from importlib.resources import files
from typing import Any

from tegata.codec import json

_ROSTER = (
    "manifest", "academicSessions", "orgs", "courses", "classes", "users", "roles", "enrollments", "demographics",
)  # fmt: skip
_SIDE_FILES = ("romaji", "grades", "school-facts")


def roster() -> dict[str, bytes]:
    """Return the OneRoster Japan tables by file name."""
    return {f"{name}.csv": _read("oneroster-jp", f"{name}.csv") for name in _ROSTER}


def side_files() -> dict[str, bytes]:
    """Return what a certificate needs and a roster lacks: Latin names, results, decisions."""
    return {f"{name}.csv": _read(f"{name}.csv") for name in _SIDE_FILES}


def register() -> dict[str, bytes]:
    """Return all tables, ready for one import."""
    return roster() | side_files()


def profile() -> dict[str, Any]:
    """Return legal person, board and school as they are enrolled."""
    return dict(json.loads(_read("school-profile.json")))


def _read(*path: str) -> bytes:
    return files(__name__).joinpath(*path).read_bytes()
