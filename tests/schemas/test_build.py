import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from schemas import build
from schemas.dictionary import DATA, Dictionary
from tests.schemas.claims import DOCUMENTS, NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_generated_files_follow_the_data(name: str) -> None:
    for file, content in build.build(name, Dictionary()).items():
        assert (DATA / name / file).read_bytes() == content, f"{name}/{file}: run python -m schemas.build"


def test_building_again_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    (data / "digests.json").unlink()
    build.main(data)
    assert (data / "digests.json").read_bytes() == (DATA / "digests.json").read_bytes()


def test_a_term_with_two_meanings_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    path = data / "claims" / "results.json"
    raw = json.loads(path.read_text("utf-8"))
    raw["attendance"]["items"]["grade"]["iri"] = "another_grade"
    path.write_text(json.dumps(raw), "utf-8")
    with pytest.raises(ValueError, match="grade would have two meanings"):
        build.build("transcript", Dictionary(data), data)


def _open_objects(schema: Any) -> int:
    if isinstance(schema, dict):
        is_open = schema.get("type") == "object" and schema.get("additionalProperties") is not False
        return is_open + sum(_open_objects(value) for value in schema.values())
    return sum(_open_objects(value) for value in schema) if isinstance(schema, list) else 0


def test_no_object_takes_members_that_it_does_not_name() -> None:
    for document in DOCUMENTS:
        assert _open_objects(dict(document.schema)) == 0


def test_no_schema_points_outside_itself() -> None:
    for document in DOCUMENTS:
        references = [part.split('"')[0] for part in document.schema_bytes.decode().split('"$ref": "')[1:]]
        assert references
        assert all(reference.startswith("#/$defs/") for reference in references)
