"""Verification: the issuer's signature, every digest, the dates; and each way to break one of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tegata.codec import base64url, json
from tegata.envelope import jws
from tegata.errors import LimitExceeded, TegataError
from tegata.formats import sd_jwt_vc
from tegata.formats.credential import (
    Expected,
    FormatRefused,
    HolderBindingRefused,
    NotValidNow,
    SignatureRefused,
)
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner
from tests.tegata.formats.sd_jwt_vc.samples import (
    CLAIMS,
    HOLDER,
    ISSUER,
    NOW,
    SIGNER,
    VCT,
    check,
    confirmation,
    digest,
    disclosure,
    forge,
    issue,
    status,
)

SECOND = timedelta(seconds=1)
SKEW = timedelta(seconds=60)


def test_a_verified_credential_says_everything_in_words_of_no_format() -> None:
    found = check(issue([("family_name",)], status=status(), valid_until=NOW + timedelta(days=1)))
    assert (found.format, found.issuer, found.types) == ("dc+sd-jwt", ISSUER, (VCT,))
    assert (found.issued_at, found.valid_from, found.valid_until) == (NOW, NOW, NOW + timedelta(days=1))
    assert (found.algorithm, found.key_id) == ("ES256", "document-1")
    assert found.status == {"status_list": {"idx": 7, "uri": "https://issuer.example/status/1/token"}}
    assert found.claims == CLAIMS
    assert found.raw.keys() == CLAIMS.keys() | {"iss", "vct", "iat", "nbf", "exp", "cnf", "status"}
    assert found.holder_key is not None
    assert found.holder_key.material == HOLDER.public_key.material
    assert not found.holder_proven


@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_each_algorithm_of_ours_is_verified(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    parsed = sd_jwt_vc.parse(issue([("address",)], signer=signer))
    assert sd_jwt_vc.verify(parsed, signer.public_key, now=NOW).algorithm == algorithm.value
    with pytest.raises(SignatureRefused):
        sd_jwt_vc.verify(parsed, signer.public_key, frozenset(Algorithm) - {algorithm}, now=NOW)


@pytest.mark.clause("RFC 9901 §7.1")
def test_a_signature_by_anybody_else_does_not_hold() -> None:
    with pytest.raises(SignatureRefused):
        sd_jwt_vc.verify(sd_jwt_vc.parse(issue()), SoftwareSigner.generate().public_key, now=NOW)


@pytest.mark.clause("RFC 9901 §7.1")
def test_a_changed_payload_breaks_the_signature() -> None:
    head, payload, rest = issue().decode().split(".")
    claims = json.loads(base64url.decode(payload)) | {"iss": "https://other.example"}
    with pytest.raises(SignatureRefused):
        check(f"{head}.{base64url.encode(json.dumps(claims))}.{rest}".encode())


@pytest.mark.clause("RFC 9901 §7.1")
def test_a_claim_that_is_not_shown_is_not_there() -> None:
    data = issue([("family_name",), ("languages", 1), ("address", "region")], holder=None)
    token = data.split(b"~")[0] + b"~"
    claims = check(token).claims
    assert "family_name" not in claims
    assert claims["languages"] == ["ja", None, True, 1.5]
    assert claims["address"] == {"locality": "千代田区", "country": "JP"}


@pytest.mark.clause("RFC 9901 §7.1")
def test_hiding_everything_leaves_no_digests_behind() -> None:
    data = issue([("courses", None), ("languages", None), ("marks", None, None)])
    claims = check(data.split(b"~")[0] + b"~").claims
    assert (claims["courses"], claims["languages"], claims["marks"]) == ([], [], [[], []])


@pytest.mark.clause("RFC 9901 §7.1")
def test_the_order_of_disclosures_says_nothing() -> None:
    token, *texts, _ = (
        issue([("courses",), ("courses", None), ("courses", None, "rating")]).decode().split("~")
    )
    assert check("~".join((token, *reversed(texts), "")).encode()).claims == CLAIMS


@pytest.mark.clause("RFC 9901 §7.1")
def test_an_inner_disclosure_without_its_outer_one_is_refused() -> None:
    token, *texts, _ = issue([("address",), ("address", "region")]).decode().split("~")
    inner = next(
        text
        for text in texts
        if b'"region"' in base64url.decode(text) and b"_sd" not in base64url.decode(text)
    )
    with pytest.raises(SignatureRefused):
        check(f"{token}~{inner}~".encode())


# --- one malformed case each; the signature holds in all of them ---

D1, D2 = disclosure("salt-1", "a", 1), disclosure("salt-2", "b", 2)
E1 = disclosure("salt-3", "element")


@pytest.mark.clause("RFC 9901 §7.1")
@pytest.mark.parametrize(
    ("payload", "disclosures"),
    [
        pytest.param({"_sd": [digest(D1), digest(D1)]}, [D1], id="a digest twice in one place"),
        pytest.param(
            {"_sd": [digest(D1)], "x": {"_sd": [digest(D1)]}}, [D1], id="a digest twice in two places"
        ),
        pytest.param({"_sd": [digest(E1)], "x": [{"...": digest(E1)}]}, [], id="a digest twice, undisclosed"),
        pytest.param({"x": [{"...": digest(E1)}, {"...": digest(E1)}]}, [E1], id="an element's digest twice"),
        pytest.param({"_sd": [digest(D1)]}, [D1, D1], id="a disclosure twice"),
        pytest.param({"_sd": [digest(E1)]}, [E1], id="an element's disclosure in an object"),
        pytest.param({"x": [{"...": digest(D1)}]}, [D1], id="a member's disclosure in an array"),
        pytest.param({"_sd": [digest(D1)], "a": 0}, [D1], id="a name that stands there already"),
        pytest.param({"x": [{"...": digest(E1), "y": 1}]}, [E1], id="a digest with other members"),
        pytest.param({"x": [{"...": 5}]}, [], id="an element's digest that is no text"),
        pytest.param({"x": [{"...": None}]}, [], id="an element's digest that is null"),
        pytest.param({"x": {"...": digest(E1)}}, [], id="an element's digest outside an array"),
        pytest.param({"...": digest(E1)}, [], id="an element's digest at the top"),
        pytest.param({"_sd": digest(D1)}, [D1], id="_sd that is a text"),
        pytest.param({"_sd": None}, [], id="_sd that is null"),
        pytest.param({"_sd": [5]}, [], id="_sd with a number"),
        pytest.param({"_sd": [[digest(D1)]]}, [], id="_sd with an array"),
        pytest.param({"_sd": {"x": 1}}, [], id="_sd that is an object"),
        pytest.param({"x": {"_sd_alg": "sha-256"}}, [], id="_sd_alg below the top"),
        pytest.param({"_sd_alg": "sha-512"}, [], id="another _sd_alg"),
        pytest.param({"_sd_alg": "SHA-256"}, [], id="_sd_alg in capitals"),
        pytest.param({"_sd_alg": None}, [], id="_sd_alg that is null"),
        pytest.param({"_sd_alg": ["sha-256"]}, [], id="_sd_alg that is an array"),
    ],
)
def test_a_malformed_structure_is_refused(payload: dict[str, Any], disclosures: Sequence[str]) -> None:
    with pytest.raises(FormatRefused):
        check(forge(payload, disclosures))


@pytest.mark.clause("RFC 9901 §7.1")
@pytest.mark.parametrize(
    ("payload", "disclosures"),
    [
        pytest.param({"_sd": [digest(D1)]}, [D1, D2], id="a disclosure that belongs nowhere"),
        pytest.param({}, [D1], id="a disclosure without any digest"),
        pytest.param({"_sd": [digest(D1)]}, [""], id="an empty disclosure"),
    ],
)
def test_what_the_issuers_digests_do_not_cover_counts_as_altered(
    payload: dict[str, Any], disclosures: Sequence[str]
) -> None:
    with pytest.raises(SignatureRefused):
        check(forge(payload, disclosures))


def _both(text: str) -> bytes:
    return forge({"_sd": [digest(text)]}, [text])


@pytest.mark.clause("RFC 9901 §7.1")
@pytest.mark.parametrize(
    "parts",
    [
        ["s", "_sd", ["x"]], ["s", "...", "x"], ["s", "_sd_alg", "sha-256"], ["s", "iss", ISSUER], ["s", "nbf", 0], ["s", "exp", 2**33],
        ["s", "cnf", {}], ["s", "vct", "x"], ["s", "vct#integrity", "x"], ["s", "aka_vcts", ["x"]], ["s", "status", {}],
        ["s"], [], ["s", "a", 1, 2], [5, "a", 1], [None, "a", 1], ["s", 5, 1], ["s", None, 1], ["s", ["a"], 1],
    ],
)  # fmt: skip
def test_reserved_names_and_other_shapes_in_a_disclosure_are_refused(parts: list[Any]) -> None:
    with pytest.raises(FormatRefused):
        check(_both(disclosure(*parts)))


@pytest.mark.clause("RFC 9901 §4.2")
@pytest.mark.parametrize(
    "text",
    [
        base64url.encode(b'{"a":1}'), base64url.encode(b'"text"'), base64url.encode(b'["s","a",1'), base64url.encode(b'["s","a",NaN]'),
        base64url.encode(b'["s","a",1]x'), base64url.encode(b'["s","a",{"x":1,"x":2}]'), base64url.encode(b'["s","a","\xff"]'),
        base64url.encode(b'["s","a","\\ud800"]'), base64url.encode(b'["s","a",' + b"9" * 30 + b"]"), D1 + "=", D1 + "\n", "*", "A",
        base64url.encode(b'["s","a",1]')[:-1] + "R", base64url.encode(b'["s","a",' + b"[" * 5_000 + b"]" * 5_000 + b"]"),
    ],
)  # fmt: skip
def test_a_disclosure_with_two_readings_is_refused(text: str) -> None:
    with pytest.raises((FormatRefused, LimitExceeded)):
        check(_both(text))


@pytest.mark.clause("RFC 9901 §7.1")
@pytest.mark.parametrize(
    "value",
    [
        {"_sd": "x"}, {"_sd": [5]}, {"...": "x"}, [{"...": 5}], [{"...": "x", "y": 1}], {"x": {"_sd_alg": "sha-256"}},
        {"deep": [{"er": {"...": 1}}]},
    ],
)  # fmt: skip
def test_structure_smuggled_into_a_disclosure_is_refused(value: object) -> None:
    with pytest.raises(FormatRefused):
        check(_both(disclosure("s", "a", value)))


@pytest.mark.parametrize("spelling", ['{"_sd":["%s"]}', '{"\\u005fsd":["%s"]}', '{"_\\u0073d":["%s"]}'])
def test_digests_inside_a_disclosure_are_found_however_their_name_is_spelt(spelling: str) -> None:
    inner = disclosure("s2", "b", 2)
    outer = base64url.encode(('["s1","a",' + spelling % digest(inner) + "]").encode())
    data = forge({"_sd": [digest(outer)]}, [outer, inner])
    assert check(data).claims == {"a": {"b": 2}}
    assert check(forge({"_sd": [digest(outer)]}, [outer])).claims == {"a": {}}


def test_an_elements_digest_inside_a_disclosure_is_found_however_it_is_spelt() -> None:
    inner = disclosure("s2", "element")
    outer = base64url.encode(('["s1","a",[{"\\u002e..":"%s"}]]' % digest(inner)).encode())  # noqa: UP031  escapes
    assert check(forge({"_sd": [digest(outer)]}, [outer, inner])).claims == {"a": ["element"]}
    assert check(forge({"_sd": [digest(outer)]}, [outer])).claims == {"a": []}


@pytest.mark.clause("SD-JWT VC §2.2.2.2")
@pytest.mark.parametrize("name", ["cnf", "status", "aka_vcts"])
def test_nothing_inside_a_registered_claim_is_selectively_disclosable(name: str) -> None:
    member, element = disclosure("s", "jwk", {}), disclosure("s", "x")
    for payload in (
        {name: {"_sd": [digest(member)]}},
        {name: {"x": {"_sd": [digest(member)]}}},
        {name: [{"...": digest(element)}]},
    ):
        with pytest.raises(FormatRefused):
            check(forge(payload, [member if "_sd" in str(payload) else element]))


@pytest.mark.clause("SD-JWT VC §2.2.2.2")
def test_sub_and_iat_may_be_disclosed_selectively() -> None:
    texts = [disclosure("s1", "sub", "urn:x"), disclosure("s2", "iat", 5)]
    found = check(forge({"iat": ..., "_sd": [digest(text) for text in texts]}, texts))
    assert found.claims == {"sub": "urn:x"}
    assert found.issued_at is not None


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": "2026-03-01"}, {"exp": None}, {"iat": True}, {"exp": [1]}, {"exp": 10**18}, {"nbf": -1e300}, {"status": []},
        {"status": "x"}, {"status": None}, {"iat": None}, {"nbf": None}, {"cnf": {}}, {"cnf": None}, {"cnf": {"jwk": {}}}, {"cnf": []}, {"cnf": "x"}, {"cnf": {"kid": "x"}},
        {"cnf": {"jwk": {"kty": "oct", "k": "AAAA"}}}, {"cnf": {"jwk": {**confirmation()["cnf"]["jwk"], "d": "AAAA"}}},
        {"aka_vcts": "x"}, {"aka_vcts": []}, {"aka_vcts": None}, {"aka_vcts": [5]}, {"aka_vcts": [VCT]}, {"aka_vcts": {}},
    ],
)  # fmt: skip
def test_registered_claims_of_another_kind_are_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(FormatRefused):
        check(forge(claims))


@pytest.mark.clause("SD-JWT VC §2.2.2.1")
def test_further_types_are_reported_after_the_first() -> None:
    assert check(forge({"aka_vcts": ["https://other.example/1"]})).types == (VCT, "https://other.example/1")


@pytest.mark.clause("RFC 7519 §4.1.4")
def test_validity_is_stretched_by_the_skew_both_ways() -> None:
    data = issue(valid_until=NOW + timedelta(days=1))
    end = NOW + timedelta(days=1)
    for now in (NOW - SKEW, NOW, end, end + SKEW):
        assert check(data, now=now)
    for now in (NOW - SKEW - SECOND, end + SKEW + SECOND):
        with pytest.raises(NotValidNow):
            check(data, now=now)


def test_a_report_may_ask_for_the_dates_without_their_judgement() -> None:
    data = issue(valid_until=NOW + timedelta(days=1))
    found = check(data, now=NOW + timedelta(days=99), expected=Expected(enforce_validity=False))
    assert found.valid_until == NOW + timedelta(days=1)


def test_a_credential_without_an_end_does_not_expire() -> None:
    assert check(issue(), now=NOW + timedelta(days=20_000)).valid_until is None


def test_a_required_proof_is_missed_even_when_only_the_credential_is_verified() -> None:
    with pytest.raises(HolderBindingRefused):
        check(issue(), expected=Expected(holder_binding_required=True))


def test_the_type_of_the_proof_is_not_the_type_of_a_credential() -> None:
    proof = jws.sign({"typ": "kb+jwt"}, json.dumps({"vct": VCT}), SIGNER).encode() + b"~"
    with pytest.raises(TegataError):
        check(proof)
