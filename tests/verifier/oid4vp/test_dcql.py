"""The query language: what is read, what is refused, and that reading undoes writing."""

from typing import Any

import pytest

from verifier.oid4vp.dcql import MAX_CREDENTIALS, ClaimQuery, parse_query
from verifier.oid4vp.errors import QueryRefused

pytestmark = pytest.mark.clause("OID4VP 1.0 §6")

CREDENTIAL = {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}


def credential(**changes: Any) -> dict[str, Any]:
    return {**CREDENTIAL, **changes}


def mobile(**changes: Any) -> dict[str, Any]:
    return {"id": "m", "format": "mso_mdoc", "meta": {"doctype_value": "org.example.1"}, **changes}


GOOD: list[dict[str, Any]] = [
    {"credentials": [CREDENTIAL]},
    {
        "credentials": [
            credential(
                claims=[
                    {"id": "n", "path": ["family_name"]},
                    {"id": "c", "path": ["courses", None, "rating"], "values": [5, "A", True]},
                    {"id": "i", "path": ["courses", 0]},
                ],
                claim_sets=[["n", "c"], ["n"]],
                multiple=True,
                require_cryptographic_holder_binding=False,
                trusted_authorities=[{"type": "aki", "values": ["s9tIpP"]}],
            ),
            {"id": "b", "format": "ldp_vc", "meta": {"type_values": [["A", "B"], ["C"]]}},
            {
                "id": "m",
                "format": "mso_mdoc",
                "meta": {"doctype_value": "org.example.1"},
                "claims": [
                    {"path": ["org.example.1", "a"], "intent_to_retain": False},
                    {"path": ["org.example.1", "b"], "values": [1]},
                ],
            },
        ],
        "credential_sets": [{"options": [["a"], ["b"]]}, {"options": [["a", "b"]], "required": False}],
    },
]


@pytest.mark.parametrize("query", GOOD, ids=["small", "full"])
def test_what_is_read_is_written_again(query: dict[str, Any]) -> None:
    assert parse_query(query).to_json() == query


BAD: dict[str, Any] = {
    "no object": [],
    "no credentials": {},
    "empty credentials": {"credentials": []},
    "too many": {"credentials": [credential(id=f"c{n}") for n in range(MAX_CREDENTIALS + 1)]},
    "an unknown member": {"credentials": [CREDENTIAL], "purpose": "x"},
    "the same id twice": {"credentials": [CREDENTIAL, CREDENTIAL]},
    "no id": {"credentials": [{"format": "dc+sd-jwt", "meta": {"vct_values": ["x"]}}]},
    "an id with a dot": {"credentials": [credential(id="a.b")]},
    "an unknown format": {"credentials": [credential(format="jwt_vc")]},
    "a doctype of no text": {"credentials": [mobile(meta={"doctype_value": ["a"]})]},
    "no doctype": {"credentials": [mobile(meta={})]},
    "a namespace alone": {"credentials": [mobile(claims=[{"path": ["a"]}])]},
    "a path into an element": {"credentials": [mobile(claims=[{"path": ["a", "b", "c"]}])]},
    "a path of an index": {"credentials": [mobile(claims=[{"path": ["a", 0]}])]},
    "an intent that is no boolean": {
        "credentials": [mobile(claims=[{"path": ["a", "b"], "intent_to_retain": 1}])]
    },
    "an intent of another format": {
        "credentials": [credential(claims=[{"path": ["a"], "intent_to_retain": True}])]
    },
    "no meta": {"credentials": [{"id": "a", "format": "dc+sd-jwt"}]},
    "meta of another format": {"credentials": [credential(meta={"type_values": [["x"]]})]},
    "no vct": {"credentials": [credential(meta={"vct_values": []})]},
    "vct is no text": {"credentials": [credential(meta={"vct_values": [1]})]},
    "types are not nested": {"credentials": [credential(format="ldp_vc", meta={"type_values": ["A"]})]},
    "empty claims": {"credentials": [credential(claims=[])]},
    "a claim without a path": {"credentials": [credential(claims=[{"id": "x"}])]},
    "an empty path": {"credentials": [credential(claims=[{"path": []}])]},
    "a negative index": {"credentials": [credential(claims=[{"path": ["a", -1]}])]},
    "a path with true": {"credentials": [credential(claims=[{"path": ["a", True]}])]},
    "the same path twice": {"credentials": [credential(claims=[{"path": ["a"]}, {"path": ["a"]}])]},
    "the same claim id twice": {
        "credentials": [credential(claims=[{"id": "x", "path": ["a"]}, {"id": "x", "path": ["b"]}])]
    },
    "no values": {"credentials": [credential(claims=[{"path": ["a"], "values": []}])]},
    "a value that is an object": {"credentials": [credential(claims=[{"path": ["a"], "values": [{}]}])]},
    "claim sets without claims": {"credentials": [credential(claim_sets=[["x"]])]},
    "claim sets without ids": {"credentials": [credential(claims=[{"path": ["a"]}], claim_sets=[["x"]])]},
    "claim sets with another id": {
        "credentials": [credential(claims=[{"id": "x", "path": ["a"]}], claim_sets=[["y"]])]
    },
    "multiple is no boolean": {"credentials": [credential(multiple=1)]},
    "an unknown authority": {
        "credentials": [credential(trusted_authorities=[{"type": "x", "values": ["y"]}])]
    },
    "a set with another id": {"credentials": [CREDENTIAL], "credential_sets": [{"options": [["z"]]}]},
    "a set without options": {"credentials": [CREDENTIAL], "credential_sets": [{"options": []}]},
    "no sets": {"credentials": [CREDENTIAL], "credential_sets": []},
    "required is no boolean": {
        "credentials": [CREDENTIAL],
        "credential_sets": [{"options": [["a"]], "required": "yes"}],
    },
}


@pytest.mark.parametrize("name", BAD)
def test_a_query_that_could_be_misread_is_refused(name: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        parse_query(BAD[name])
    assert refused.value.clause


@pytest.mark.clause("OID4VP 1.0 §6.3")
def test_values_are_compared_by_type_as_well() -> None:
    claim = ClaimQuery(("a",), values=(1, "x"))
    assert claim.accepts(1)
    assert claim.accepts("x")
    yes: Any = True
    assert not claim.accepts(yes)
    assert not claim.accepts("1")
    assert ClaimQuery(("a",)).accepts({})


def test_alternatives_keep_the_order_of_preference() -> None:
    query = parse_query(GOOD[1]).credentials[0]
    assert [[claim.identifier for claim in claims] for claims in query.alternatives()] == [["n", "c"], ["n"]]
