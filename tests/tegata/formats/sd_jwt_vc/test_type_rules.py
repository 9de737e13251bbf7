"""Whether a credential keeps to the rules of its type."""

import json
from typing import Any

import pytest

from tegata.formats import sd_jwt_vc
from tegata.formats.credential import ClaimPath
from tegata.formats.sd_jwt_vc.type_metadata import TypeMetadata, parse_type_metadata
from tegata.formats.sd_jwt_vc.type_rules import TypeRuleBroken, check_type_rules
from tests.tegata.formats.sd_jwt_vc.samples import NOW, SIGNER, VCT, forge, issue, show


def _metadata(*claims: dict[str, Any], vct: str = VCT) -> TypeMetadata:
    return parse_type_metadata(json.dumps({"vct": vct, "claims": claims}).encode())


def _check(data: bytes, *claims: dict[str, Any], vct: str = VCT) -> None:
    parsed = sd_jwt_vc.parse(data)
    verified = sd_jwt_vc.verify(parsed, SIGNER.public_key, now=NOW)
    check_type_rules(_metadata(*claims, vct=vct), parsed, verified)


def _keeps(data: bytes, *claims: dict[str, Any]) -> bool:
    try:
        _check(data, *claims)
    except TypeRuleBroken:
        return False
    return True


@pytest.mark.clause("SD-JWT VC §6, sd")
@pytest.mark.parametrize(
    ("path", "selectable"),
    [
        (["family_name"], [("family_name",)]),
        (["address", "region"], [("address", "region")]),
        (["address", "region"], [("address",), ("address", "region")]),
        (["courses", None], [("courses", None)]),
        (["courses", None, "rating"], [("courses", None, "rating")]),
        (["languages", 1], [("languages", 1)]),
    ],
)
def test_always_and_never_are_honoured(path: list[str | int | None], selectable: list[ClaimPath]) -> None:
    hidden, plain = issue(selectable), issue()
    assert _keeps(hidden, {"path": path, "sd": "always"})
    assert not _keeps(plain, {"path": path, "sd": "always"})
    assert _keeps(plain, {"path": path, "sd": "never"})
    assert not _keeps(hidden, {"path": path, "sd": "never"})
    assert _keeps(hidden, {"path": path}) and _keeps(plain, {"path": path, "sd": "allowed"})  # noqa: PT018


def test_one_element_in_the_open_breaks_always() -> None:
    data = issue([("languages", 0), ("languages", 1), ("languages", 2), ("languages", 3)])
    assert not _keeps(data, {"path": ["languages", None], "sd": "always"})


@pytest.mark.clause("SD-JWT VC §6, mandatory")
def test_a_claim_that_was_not_shown_is_never_taken_for_a_missing_one() -> None:
    data = show(issue([("family_name",), ("address",)]), signer=None)
    assert _keeps(data, {"path": ["family_name"], "mandatory": True, "sd": "always"})
    assert _keeps(data, {"path": ["family_name"], "mandatory": True})
    assert _keeps(data, {"path": ["address", "region"], "mandatory": True, "sd": "never"})


@pytest.mark.clause("SD-JWT VC §6, mandatory")
def test_a_missing_claim_that_nobody_could_have_hidden_is_missing() -> None:
    data = issue()
    assert _keeps(data, {"path": ["family_name"], "mandatory": True, "sd": "never"})
    assert not _keeps(data, {"path": ["middle_name"], "mandatory": True, "sd": "never"})
    assert not _keeps(data, {"path": ["address", "street"], "mandatory": True, "sd": "never"})
    assert not _keeps(data, {"path": ["courses", None, "year"], "mandatory": True, "sd": "never"})
    assert _keeps(data, {"path": ["courses", None, "name"], "mandatory": True, "sd": "never"})
    assert _keeps(data, {"path": ["middle_name"], "sd": "never"})


def test_the_registered_claims_have_rules_like_all_others() -> None:
    assert _keeps(issue(), {"path": ["iss"], "mandatory": True, "sd": "never"})
    assert not _keeps(issue(), {"path": ["exp"], "mandatory": True, "sd": "never"})


def test_the_refusal_names_the_claim_and_not_its_value() -> None:
    with pytest.raises(TypeRuleBroken) as refused:
        _check(issue(), {"path": ["courses", None, "name"], "sd": "always"})
    assert refused.value.pointer == "/courses/*/name"
    assert "国語" not in refused.value.detail


def test_metadata_of_another_type_is_refused() -> None:
    with pytest.raises(TypeRuleBroken):
        _check(issue(), vct="https://other.example/1")
    _check(forge({"aka_vcts": ["https://other.example/1"]}), vct="https://other.example/1")
