"""Issuing: what stands in the open, what behind digests, and what is refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tegata.codec import base64url, json
from tegata.errors import MalformedInput, Misconfigured
from tegata.formats import sd_jwt_vc
from tegata.formats.credential import ClaimPath, FormatRefused
from tegata.keys import jwk
from tests.tegata.formats.sd_jwt_vc.samples import (
    CLAIMS,
    HOLDER,
    ISSUER,
    NOW,
    SIGNER,
    VCT,
    check,
    digest,
    document,
    issue,
    random_bytes,
    status,
)


def _payload(data: bytes) -> dict[str, Any]:
    found = json.loads(base64url.decode(data.decode().split(".")[1]))
    assert isinstance(found, dict)
    return found


def _disclosures(data: bytes) -> list[list[Any]]:
    return [json.loads(base64url.decode(text)) for text in data.decode().split("~")[1:-1]]


@pytest.mark.clause("SD-JWT VC §2.2.2")
def test_the_registered_claims_stand_in_the_open() -> None:
    data = issue([("family_name",)], status=status(), valid_until=NOW + timedelta(days=365))
    payload = _payload(data)
    assert {name: payload[name] for name in ("iss", "vct", "iat", "nbf", "exp")} == {
        "iss": ISSUER, "vct": VCT, "iat": 1_772_323_200, "nbf": 1_772_323_200, "exp": 1_772_323_200 + 365 * 86_400,
    }  # fmt: skip
    assert payload["cnf"] == {"jwk": jwk.to_jwk(HOLDER.public_key)}
    assert payload["status"] == {"status_list": {"idx": 7, "uri": "https://issuer.example/status/1/token"}}


@pytest.mark.clause("SD-JWT VC §2.2.1")
def test_the_header_says_type_key_and_chain() -> None:
    parsed = sd_jwt_vc.parse(issue(signer=SIGNER.with_certificates((b"leaf", b"ca"))))
    assert parsed.token.header["typ"] == "dc+sd-jwt"
    assert parsed.key_reference.key_id == "document-1"
    assert parsed.key_reference.certificates == (b"leaf", b"ca")
    assert (parsed.key_reference.issuer, parsed.key_reference.algorithm) == (ISSUER, "ES256")


def test_type_metadata_is_tied_in_by_its_integrity() -> None:
    made = document()
    made = replace(made, names=replace(made.names, vct_integrity="sha256-abc"))
    data = sd_jwt_vc.seal(sd_jwt_vc.prepare(made, None, random_bytes(), NOW), SIGNER)
    assert _payload(data)["vct#integrity"] == "sha256-abc"


@pytest.mark.clause("RFC 9901 §4")
def test_without_anything_to_hide_there_are_no_digests() -> None:
    data = issue()
    assert data.endswith(b"~")
    assert data.count(b"~") == 1
    assert not {"_sd", "_sd_alg"} & _payload(data).keys()
    assert check(data).claims == CLAIMS


@pytest.mark.clause("RFC 9901 §4.2")
@pytest.mark.parametrize(
    ("selectable", "count"),
    [
        ([("family_name",)], 1),
        ([("family_name",), ("given_name",)], 2),
        ([("address",)], 1),
        ([("address", "region"), ("address", "locality")], 2),
        ([("address",), ("address", "region")], 2),
        ([("school", "head", "name")], 1),
        ([("school",), ("school", "head"), ("school", "head", "name")], 3),
        ([("courses", None)], 3),
        ([("courses",), ("courses", None), ("courses", None, "rating")], 7),
        ([("courses", None, "rating")], 3),
        ([("courses", 1)], 1),
        ([("courses", 1, "name")], 1),
        ([("languages", None)], 5),
        ([("languages",), ("languages", 0), ("languages", 2)], 3),
        ([("marks", None, None)], 4),
        ([("marks", None), ("marks", None, None)], 6),
        ([(name,) for name in CLAIMS], 7),
        ([("not_there",)], 0),
        ([("not_there", "deeper")], 0),
    ],
)
def test_each_selectable_claim_has_a_disclosure_and_comes_back(
    selectable: list[ClaimPath], count: int
) -> None:
    data = issue(selectable)
    assert len(_disclosures(data)) == count
    assert check(data).claims == CLAIMS


@pytest.mark.clause("RFC 9901 §4.2.6")
def test_a_recursive_disclosure_shows_no_digest_of_its_inside() -> None:
    outer = _payload(issue([("address",), ("address", "region")]))
    assert len(outer["_sd"]) == 1
    assert "address" not in outer


@pytest.mark.clause("RFC 9901 §4.2.4.2")
def test_a_hidden_element_leaves_a_digest_in_its_place() -> None:
    payload = _payload(issue([("languages", 1)]))
    assert payload["languages"][0] == "ja"
    assert payload["languages"][1].keys() == {"..."}
    assert payload["languages"][2:] == [None, True, 1.5]


@pytest.mark.clause("RFC 9901 §4.2.4.1")
def test_digests_are_sorted_so_that_their_order_says_nothing() -> None:
    data = issue([(name,) for name in CLAIMS])
    digests = _payload(data)["_sd"]
    assert digests == sorted(digests)
    assert set(digests) == {digest(text) for text in data.decode().split("~")[1:-1]}


@pytest.mark.clause("RFC 9901 §9.3")
def test_every_salt_is_fresh_and_has_128_bits() -> None:
    data = issue([("courses", None), ("courses", None, "rating"), ("family_name",)])
    salts = [parts[0] for parts in _disclosures(data)]
    assert len(set(salts)) == len(salts) == 7
    assert all(len(base64url.decode(salt)) >= 16 for salt in salts)


@pytest.mark.clause("RFC 9901 §4.2.5")
def test_decoys_look_like_digests_and_say_nothing() -> None:
    data = issue([("family_name",)], decoys=5)
    payload = _payload(data)
    assert len(payload["_sd"]) == 6
    assert {len(item) for item in payload["_sd"]} == {43}
    assert payload["_sd"] == sorted(payload["_sd"])
    assert check(data).claims == CLAIMS
    assert "_sd_alg" in _payload(issue(decoys=1))


@pytest.mark.clause("RFC 9901 §4.2.1")
def test_text_is_kept_byte_for_byte() -> None:
    claims = {"family_name": "髙\u2060﨑", "latin": "O’Brien", "escape": 'a"\\\n', "ivs": "葛\U000e0100"}
    assert check(issue([(name,) for name in claims], claims)).claims == claims


@pytest.mark.clause("RFC 9901 §4.1")
@pytest.mark.parametrize(
    "claims",
    [{"_sd": []}, {"...": 1}, {"a": {"_sd": ["x"]}}, {"a": [{"...": "x"}]}, {"a": [[{"b": {"...": 1}}]]}],
)
def test_claims_with_reserved_names_are_not_signed(claims: dict[str, Any]) -> None:
    with pytest.raises(FormatRefused):
        issue(claims=claims)
    with pytest.raises(FormatRefused):
        issue([("a",)], claims)


@pytest.mark.clause("SD-JWT VC §2.2.2")
@pytest.mark.parametrize(
    "name", ["iss", "nbf", "exp", "iat", "cnf", "vct", "vct#integrity", "aka_vcts", "status", "_sd_alg"]
)
def test_claims_with_registered_names_are_not_signed(name: str) -> None:
    with pytest.raises(FormatRefused):
        issue(claims={name: "x"})
    with pytest.raises(Misconfigured):
        issue([(name,)])


@pytest.mark.parametrize(
    "selectable",
    [
        [()],
        [(0,)],
        [(None,)],
        [("family_name", "first")],
        [("address", 0)],
        [("address", None)],
        [("courses", "name")],
        [("a", "b"), ("a", None)],
        [("languages", 0, "x")],
        [("courses", None, "name", None)],
    ],
)
def test_a_policy_that_fits_no_claim_is_the_operators_mistake(selectable: list[ClaimPath]) -> None:
    with pytest.raises(Misconfigured):
        issue(selectable)


def test_nothing_is_issued_before_its_start() -> None:
    with pytest.raises(FormatRefused):
        issue(valid_from=NOW + timedelta(seconds=1))


def test_a_credential_may_be_bound_to_nobody() -> None:
    data = issue(holder=None)
    assert "cnf" not in _payload(data)
    assert check(data).holder_key is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**64, "\ud800", {1: 2}, object()])
@pytest.mark.parametrize("selectable", [[], [("a",)], [("b", None)]])
def test_values_that_json_cannot_say_are_not_signed(value: object, selectable: list[ClaimPath]) -> None:
    with pytest.raises(MalformedInput):
        issue(selectable, {"a": value, "b": [None, value]})


def test_a_named_element_keeps_what_is_said_about_every_element() -> None:
    data = issue([("courses", None), ("courses", 1, "name")])
    assert len(_disclosures(data)) == 4
    assert all(item.keys() == {"..."} for item in _payload(data)["courses"])
    assert check(data).claims == CLAIMS


def test_text_that_looks_like_a_reserved_name_is_only_text() -> None:
    claims = {"a": '_sd":', "b_sd": '"...":', "x...": [{'"_sd': 1}]}
    assert check(issue([("a",)], claims)).claims == claims
