"""The registers of the sample school and the sample university, for the demo and for tests. All invented; see the README beside it."""

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


def university() -> dict[str, Any]:
    """Return legal person and school of the sample university, with its practice."""
    return dict(json.loads(_read("university", "profile.json")))


def university_files() -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the university's two imports: its students, then their results."""
    students, results = (_read("university", f"{name}.csv") for name in ("students", "results"))
    return {"students.csv": students}, {"results.csv": results}


def _read(*path: str) -> bytes:
    return files(__name__).joinpath(*path).read_bytes()
