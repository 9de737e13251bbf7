"""The examples of RFC 9901, as data: their signatures, digests and processed payloads."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tegata.codec import base64url
from tegata.envelope import jws
from tegata.formats import sd_jwt_vc
from tegata.formats.credential import Expected, FormatRefused, HolderBindingRefused, Limits, SignatureRefused
from tegata.formats.sd_jwt.disclosure import Disclosed
from tegata.formats.sd_jwt_vc.names import NEVER_SELECTIVE
from tegata.keys import jwk
from tests.tegata.formats.sd_jwt_vc.samples import digest

_VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "rfc9901" / "examples.json").read_text("utf-8")
)
_ISSUER = jwk.from_jwk(_VECTORS["issuer_key"])
_MADE_AT = datetime.fromtimestamp(1_748_536_865, UTC)
#: What an issued example adds to the claims it was made from.
_ADDED = ("iss", "iat", "exp", "cnf", "vct", "status")


def _name(vector: dict[str, Any]) -> str:
    return f"{vector['section']} {vector['name']}"


def _split(vector: dict[str, Any]) -> tuple[jws.ParsedJws, dict[str, Any], tuple[str, ...], str]:
    token, *disclosures, proof = vector["sd_jwt"].split("~")
    parsed = jws.parse(token)
    return parsed, json.loads(parsed.payload), tuple(disclosures), proof


@pytest.mark.clause("RFC 9901 §4.2.3")
def test_every_printed_digest_is_the_digest_of_its_disclosure() -> None:
    printed = _VECTORS["digests"]
    assert len(printed) > 80
    assert {text: digest(text) for text in printed} == printed


@pytest.mark.clause("RFC 9901 §5, Appendix A")
@pytest.mark.parametrize("vector", _VECTORS["signed"], ids=_name)
def test_each_signed_example_holds_and_processes_to_its_claims(vector: dict[str, Any]) -> None:
    parsed, payload, disclosures, _ = _split(vector)
    jws.verify(parsed, _ISSUER)
    claims = Disclosed(payload, disclosures, Limits(), NEVER_SELECTIVE).claims
    if "processed" in vector:
        assert claims == vector["processed"]
    else:
        source = vector["claims"]
        assert {
            name: value for name, value in claims.items() if name not in _ADDED or name in source
        } == source


@pytest.mark.clause("RFC 9901 §6")
@pytest.mark.parametrize("vector", _VECTORS["unsigned"], ids=_name)
def test_each_way_to_nest_processes_to_the_same_claims(vector: dict[str, Any]) -> None:
    claims = Disclosed(vector["payload"], tuple(vector["disclosures"]), Limits(), NEVER_SELECTIVE).claims
    assert {name: claims[name] for name in vector["claims"]} == vector["claims"]


@pytest.mark.clause("RFC 9901 §6.3")
def test_the_recursive_example_needs_its_outer_disclosure() -> None:
    vector = next(item for item in _VECTORS["unsigned"] if item["name"] == "recursive")
    with pytest.raises(SignatureRefused):
        Disclosed(vector["payload"], tuple(vector["disclosures"][:-1]), Limits(), NEVER_SELECTIVE)
    assert Disclosed(vector["payload"], (), Limits(), NEVER_SELECTIVE).claims.keys() == {
        "iss",
        "iat",
        "exp",
        "sub",
    }


@pytest.mark.clause("RFC 9901 §4.3.1")
@pytest.mark.parametrize("vector", [item for item in _VECTORS["signed"] if "nonce" in item], ids=_name)
def test_each_presented_example_is_bound_to_what_it_shows(vector: dict[str, Any]) -> None:
    _, payload, _, proof = _split(vector)
    parsed = jws.parse(proof)
    claims = json.loads(jws.verify(parsed, jwk.from_jwk(payload["cnf"]["jwk"])))
    bound = vector["sd_jwt"][: -len(proof)]
    assert claims == {
        "nonce": vector["nonce"], "aud": vector["audience"], "iat": vector["iat"], "sd_hash": digest(bound),
    }  # fmt: skip


@pytest.mark.clause("RFC 9901 Appendix A.3")
def test_the_sd_jwt_vc_example_passes_through_the_whole_door() -> None:
    vector = next(item for item in _VECTORS["signed"] if item["name"] == "SD-JWT VC, presented")
    parsed = sd_jwt_vc.parse(vector["sd_jwt"].encode())
    expected = Expected(nonce=vector["nonce"], audience=vector["audience"], holder_binding_required=True)
    found = sd_jwt_vc.verify_presentation(parsed, _ISSUER, now=_MADE_AT, expected=expected)
    assert found.holder_proven
    assert found.types == ("urn:eudi:pid:de:1",)
    assert found.raw == vector["processed"]
    with pytest.raises(HolderBindingRefused):
        sd_jwt_vc.verify_presentation(
            parsed, _ISSUER, now=_MADE_AT, expected=Expected(nonce="0", audience=vector["audience"])
        )


@pytest.mark.clause("SD-JWT VC §2.2.1")
@pytest.mark.parametrize("section", ["5.1", "A.1", "A.4"])
def test_examples_of_other_types_are_no_sd_jwt_vc(section: str) -> None:
    vector = next(item for item in _VECTORS["signed"] if item["section"] == section)
    with pytest.raises(FormatRefused):
        sd_jwt_vc.parse(vector["sd_jwt"].encode())


def test_the_vectors_were_not_reformatted() -> None:
    for vector in _VECTORS["signed"]:
        for part in vector["sd_jwt"].replace("~", ".").split("."):
            assert base64url.encode(base64url.decode(part)) == part
