"""Our own schemas of the forms that are made here: narrower than their standards, and written from them.

What 1EdTech publishes may not be shipped with software; its files are for tests. Not for badges of others: a form that this
refuses may be a good badge.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs

from schemas.education.source import FormRefused

_DATA = Path(__file__).parent / "data"
Form = Literal["open-badge", "clr"]


def check(form: Form, credential: Mapping[str, Any]) -> None:
    """Raise `FormRefused`, with where and why, for what is not such a form as is made here, secured or not."""
    for error in _validator(form).iter_errors(credential):
        where = "/".join(map(str, error.instance_path))
        raise FormRefused(f"not {form} at /{where[:200]}: {error.kind.name}")


@cache
def _validator(form: Form) -> jsonschema_rs.Draft202012Validator:
    schema = json.loads((_DATA / f"{form}.schema.json").read_bytes())
    return jsonschema_rs.Draft202012Validator(schema, offline=True)
