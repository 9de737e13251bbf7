"""The holder's side: choosing what to show, and the proof that it was shown by its owner, to us, just now."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tegata.codec import base64url, json
from tegata.errors import NotFound
from tegata.formats import sd_jwt_vc
from tegata.formats.credential import ClaimPath, Expected, FormatRefused, HolderBindingRefused
from tegata.keys import jwk
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner
from tests.tegata.formats.sd_jwt_vc.samples import (
    AUDIENCE,
    CLAIMS,
    EXPECTED,
    NONCE,
    NOW,
    SIGNER,
    check_presentation,
    confirmation,
    forge,
    forge_proof,
    issue,
    show,
)

EVERYTHING: list[ClaimPath] = [
    ("family_name",), ("given_name",), ("address",), ("address", "region"), ("address", "locality"), ("school", "head", "name"),
    ("courses", None), ("courses", None, "rating"), ("languages", None), ("marks", None), ("marks", None, None),
]  # fmt: skip
HELD = issue(EVERYTHING)
ALWAYS_SHOWN = {
    "school": {"name": "見本高等学校", "head": {"title": "校長"}},
    "courses": [],
    "languages": [],
    "marks": [],
}


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        ([], {}),
        ([("family_name",)], {"family_name": "山田"}),
        ([("address",)], {"address": CLAIMS["address"]}),
        ([("address", "region")], {"address": {"region": "東京都", "country": "JP"}}),
        ([("school",)], {"school": CLAIMS["school"]}),
        ([("school", "head", "name")], {"school": CLAIMS["school"]}),
        ([("courses", 1)], {"courses": [CLAIMS["courses"][1]]}),
        ([("courses", 0, "name")], {"courses": [{"name": "国語", "credits": 4}]}),
        ([("courses", None, "name")], {"courses": [{k: v for k, v in c.items() if k != "rating"} for c in CLAIMS["courses"]]}),
        ([("courses", None, "rating")], {"courses": CLAIMS["courses"]}),
        ([("courses", None)], {"courses": CLAIMS["courses"]}),
        ([("courses",)], {"courses": CLAIMS["courses"]}),
        ([("languages", 4), ("languages", 0)], {"languages": ["ja", 1.5]}),
        ([("marks", None, 0)], {"marks": [[1], [3]]}),
        ([("marks", 1, None)], {"marks": [[3, 4]]}),
        ([("vct",)], {}),
    ],
)  # fmt: skip
def test_only_the_chosen_claims_are_shown(paths: list[ClaimPath], shown: dict[str, Any]) -> None:
    found = check_presentation(show(HELD, paths))
    assert found.claims == {**ALWAYS_SHOWN, **shown}
    assert found.holder_proven


@pytest.mark.parametrize(
    "path",
    [
        ("middle_name",),
        ("address", "street"),
        ("courses", 9),
        ("courses", "x"),
        ("family_name", "x"),
        ("family_name", None),
    ],
)
def test_a_path_that_selects_nothing_is_not_found(path: ClaimPath) -> None:
    with pytest.raises(NotFound):
        show(HELD, [path])


def test_a_held_credential_is_read_without_any_key() -> None:
    claims = sd_jwt_vc.disclosed_claims(HELD)
    assert {name: claims[name] for name in CLAIMS} == CLAIMS


@pytest.mark.clause("RFC 9901 §7.2")
def test_a_credential_that_comes_with_a_proof_is_nobodys_to_show() -> None:
    for use in (lambda: show(show(HELD)), lambda: sd_jwt_vc.disclosed_claims(show(HELD))):
        with pytest.raises(FormatRefused):
            use()


def test_a_credential_may_be_shown_without_a_proof_where_none_is_asked() -> None:
    found = check_presentation(show(HELD, signer=None), expected=Expected())
    assert not found.holder_proven


@pytest.mark.clause("RFC 9901 §7.3")
def test_whether_a_proof_is_needed_is_not_the_presenters_decision() -> None:
    with pytest.raises(HolderBindingRefused):
        check_presentation(show(HELD, signer=None))
    with pytest.raises(HolderBindingRefused):
        check_presentation(HELD)


@pytest.mark.clause("RFC 9901 §7.3")
def test_a_proof_that_was_not_asked_for_is_checked_all_the_same() -> None:
    with pytest.raises(HolderBindingRefused):
        check_presentation(show(HELD), expected=Expected())


@pytest.mark.clause("RFC 9901 §7.3")
def test_a_proof_for_a_credential_that_is_bound_to_no_key_is_refused() -> None:
    with pytest.raises(HolderBindingRefused):
        check_presentation(show(issue(holder=None)))


@pytest.mark.clause("RFC 9901 §4.3")
def test_the_proof_carries_no_handle_of_the_holders() -> None:
    token = sd_jwt_vc.parse(show(HELD)).key_binding
    header, claims = (json.loads(base64url.decode(part)) for part in token.split(".")[:2])
    assert header == {"typ": "kb+jwt", "alg": "ES256"}
    assert claims.keys() == {"iat", "aud", "nonce", "sd_hash"}


@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_a_holders_key_may_be_of_each_algorithm(algorithm: Algorithm) -> None:
    holder = SoftwareSigner.generate(algorithm)
    data = issue(EVERYTHING, holder=holder.public_key)
    assert check_presentation(show(data, signer=holder)).holder_proven
    parsed = sd_jwt_vc.parse(show(data, signer=holder))
    others = frozenset(Algorithm) - {algorithm}
    if algorithm is not SIGNER.public_key.algorithm:
        with pytest.raises(HolderBindingRefused):
            sd_jwt_vc.verify_presentation(parsed, SIGNER.public_key, others, now=NOW, expected=EXPECTED)


BOUND = issue(EVERYTHING).split(b"~")[0] + b"~"


@pytest.mark.clause("RFC 9901 §7.3")
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"}, {"aud": AUDIENCE + "/"}, {"aud": [AUDIENCE]}, {"aud": ...}, {"aud": None}, {"aud": ""},
        {"nonce": "other"}, {"nonce": NONCE + " "}, {"nonce": ...}, {"nonce": 5}, {"nonce": "é"},
        {"sd_hash": "x"}, {"sd_hash": ...}, {"sd_hash": None}, {"sd_hash": []},
        {"iat": ...}, {"iat": "now"}, {"iat": None}, {"iat": True}, {"iat": 1e300},
        {"header": {"typ": "jwt"}}, {"header": {"typ": ...}}, {"header": {"typ": "KB+JWT"}}, {"header": {"typ": "dc+sd-jwt"}},
        {"header": {"typ": ["kb+jwt"]}}, {"header": {"crit": ["exp"]}}, {"signer": SoftwareSigner.generate()}, {"signer": SIGNER},
    ],
)  # fmt: skip
def test_a_proof_with_one_thing_wrong_is_refused(changes: dict[str, Any]) -> None:
    assert check_presentation(forge_proof(BOUND)).holder_proven
    with pytest.raises(HolderBindingRefused):
        check_presentation(forge_proof(BOUND, **changes))


@pytest.mark.clause("RFC 9901 §7.3")
@pytest.mark.parametrize("proof", [b"x", b"a.b.c", b"..", b"e30.e30.", b"." * 10, b"x" * 9_000])
def test_what_is_no_proof_is_refused(proof: bytes) -> None:
    with pytest.raises(HolderBindingRefused):
        check_presentation(BOUND + proof)


@pytest.mark.clause("RFC 8725 §3.1")
@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES384", "RS256"])
def test_a_proof_by_another_algorithm_is_refused(algorithm: str) -> None:
    good = forge_proof(BOUND)[len(BOUND) :].decode()
    header = base64url.encode(json.dumps({"typ": "kb+jwt", "alg": algorithm}))
    for signature in (good.split(".")[2], ""):
        with pytest.raises(HolderBindingRefused):
            check_presentation(BOUND + f"{header}.{good.split('.')[1]}.{signature}".encode())


@pytest.mark.clause("RFC 9901 §4.3.1")
def test_a_proof_covers_exactly_what_was_shown() -> None:
    shown = show(HELD, [("family_name",), ("given_name",)]).split(b"~")
    more = show(HELD, [("family_name",), ("given_name",), ("address",)]).split(b"~")
    for parts in (shown[:1] + shown[2:], [*shown[:1], shown[2], shown[1], shown[3]], [*more[:-1], shown[-1]]):
        with pytest.raises(HolderBindingRefused):
            check_presentation(b"~".join(parts))


def test_one_holders_proof_is_no_proof_for_anothers_credential() -> None:
    other = SoftwareSigner.generate()
    data = issue(EVERYTHING, holder=other.public_key).split(b"~")[0] + b"~"
    with pytest.raises(HolderBindingRefused):
        check_presentation(forge_proof(data))


@pytest.mark.clause("italia/eudi-wallet-it-python#356, keycloak/keycloak#43456")
@pytest.mark.parametrize(
    ("seconds", "is_accepted"),
    [
        (0, True),
        (2, True),
        (60, True),
        (61, False),
        (-60, True),
        (-660, True),
        (-661, False),
        (3_600, False),
        (-3_600, False),
    ],
)
def test_clocks_may_differ_by_a_minute(seconds: int, is_accepted: bool) -> None:
    data = forge_proof(BOUND, iat=int(NOW.timestamp()) + seconds)
    if is_accepted:
        assert check_presentation(data).holder_proven
    else:
        with pytest.raises(HolderBindingRefused):
            check_presentation(data)


def test_a_verifier_may_allow_less_time() -> None:
    strict = replace(EXPECTED, clock_skew=timedelta(0), max_proof_age=timedelta(seconds=30))
    assert check_presentation(forge_proof(BOUND, iat=int(NOW.timestamp()) - 30), expected=strict)
    for seconds in (-31, 1):
        with pytest.raises(HolderBindingRefused):
            check_presentation(forge_proof(BOUND, iat=int(NOW.timestamp()) + seconds), expected=strict)


def test_the_issuers_confirmation_claim_is_what_counts_and_not_a_key_in_the_proof() -> None:
    thief = SoftwareSigner.generate()
    header = {"jwk": jwk.to_jwk(thief.public_key)}
    with pytest.raises(HolderBindingRefused):
        check_presentation(forge_proof(BOUND, header=header, signer=thief))
    assert check_presentation(forge_proof(forge(confirmation(thief)), signer=thief)).holder_proven
