"""A wallet that nobody here wrote claims from the issuer and answers the verifier, over HTTP on this machine.

So that one misreading of a standard cannot pass on both sides: `tests/peers/wallet.mjs` is @openid4vc, @sd-jwt, dcql and
jose, and shares no line with the wallet that Tegata brings for builders.
"""

import httpx
import pytest

from tests.conformance.world import PREFIXES, World
from verifier.oid4vp.request import Prefix

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("peers")]

GRADUATION = {"document": "graduation", "claims": ["family_name", "graduation_date"]}
COURSES = {"document": "transcript", "claims": ["average", ["courses", 0]]}
#: What each document shows whatever is asked for.
ALWAYS = {"school", "date_of_issuance", "test"}


def test_it_claims_by_link_and_the_credential_is_for_its_key(world: World) -> None:
    claimed = world.claim(world.invitation().link)
    assert claimed["issuer"] == world.issuer
    assert claimed["credentialConfigurationId"] == "graduation-sd-jwt"
    assert len(claimed["credentials"]) == 1


@pytest.mark.parametrize("proof", ["jwk", "did:jwk"])
def test_it_claims_copies_for_two_keys_that_share_nothing(world: World, proof: str) -> None:
    claimed = world.claim(world.invitation().link, keys=2, proof=proof)
    first, second = (item["credential"].split("~") for item in claimed["credentials"])
    assert len(first) == len(second)
    assert set(first) & set(second) == {""}


@pytest.mark.parametrize(
    ("spoil", "code"), [("nonce", "invalid_nonce"), ("audience", "invalid_proof"), ("key", "invalid_proof")]
)
def test_a_proof_that_does_not_hold_is_refused_by_the_protocols_code(
    world: World, spoil: str, code: str
) -> None:
    assert world.claim(world.invitation().link, spoil=spoil)["response"]["error"] == code


def test_a_slip_asks_it_for_the_confirmation_number(world: World) -> None:
    slip = world.slip("transcript")
    wrong = world.wallet("claim", offer=slip.link, txCode="x", format="dc+sd-jwt")
    assert wrong["response"]["error"] == "invalid_grant"
    right = world.wallet("claim", offer=slip.link, txCode=slip.transaction_code, format="dc+sd-jwt")
    assert right["credentialConfigurationId"] == "transcript-sd-jwt"


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("fetch_by", ["get", "post", "encrypted post"])
@pytest.mark.clause("OID4VP 1.0 §5.9.3", "OID4VP 1.0 §5.10", "OID4VP 1.0 §8.3")
def test_it_answers_and_the_report_is_valid_with_what_was_asked_and_nothing_else(
    world: World, held, fetch_by: str, prefix: Prefix
) -> None:
    request = world.ask(GRADUATION, COURSES, prefix=prefix)
    link = request["links"]["cross_device"]
    answer = world.wallet("present", request=link, credentials=held, fetchBy=fetch_by)
    assert answer["status"] == 200, answer
    assert (answer["prefix"], answer["responseMode"]) == (prefix.value, "direct_post.jwt")
    assert ("walletNonce" in answer) == (fetch_by != "get")
    report = world.look(request, prefix)["report"]
    assert report["verdict"] == "valid"
    graduation, transcript = report["credentials"]
    assert graduation["claims"].keys() == ALWAYS | {"family_name", "graduation_date"}
    assert transcript["claims"].keys() == ALWAYS | {"grading_scheme", "average", "courses"}
    assert len(transcript["claims"]["courses"]) == 1


@pytest.mark.clause("OID4VP 1.0 §6.4.1")
@pytest.mark.parametrize(
    ("optional", "shown"), [("family_name_latin", {"family_name_latin"}), ("middle_name", set())]
)
def test_it_shows_what_is_optional_where_it_holds_it(
    world: World, held, optional: str, shown: set[str]
) -> None:
    request = world.ask({"document": "graduation", "claims": ["graduation_date"], "optional": [optional]})
    world.wallet("present", request=request["links"]["cross_device"], credentials=held)
    report = world.look(request)["report"]
    assert report["verdict"] == "valid"
    assert report["credentials"][0]["claims"].keys() == ALWAYS | {"graduation_date"} | shown


@pytest.mark.clause("OID4VP 1.0 §6.4")
def test_of_alternatives_it_shows_the_one_that_it_holds(world: World, held) -> None:
    expected = {"document": "expected-graduation", "claims": ["family_name"]}
    request = world.ask([expected, GRADUATION])
    world.wallet("present", request=request["links"]["cross_device"], credentials=held)
    report = world.look(request)["report"]
    assert report["verdict"] == "valid"
    assert [item["document"] for item in report["credentials"]] == ["graduation"]


def test_it_shows_nothing_where_it_holds_nothing_that_fits(world: World, held) -> None:
    request = world.ask(GRADUATION, COURSES)
    answer = world.wallet("present", request=request["links"]["cross_device"], credentials=held[:1])
    assert answer["error"] == "the wallet does not hold what is asked for"


@pytest.mark.clause("OID4VP 1.0 §13.3")
def test_on_one_device_the_answer_sends_the_browser_back_to_where_it_started(world: World, held) -> None:
    request = world.ask(GRADUATION)
    with httpx.Client(trust_env=False) as browser:
        wallet_link = browser.get(request["links"]["same_device"]).headers["location"]
        answer = world.wallet("present", request=wallet_link, credentials=held[:1])
        back = answer["answer"]["redirect_uri"]
        assert world.look(request)["report"] is None
        assert httpx.get(back, trust_env=False).status_code == 403
        assert browser.get(back).status_code == 200
    assert world.look(request)["report"]["verdict"] == "valid"


@pytest.mark.parametrize("spoil", ["nonce", "audience", "time", "key", "omission", "encryption"])
def test_an_answer_for_somebody_else_or_altered_or_in_the_clear_is_refused(
    world: World, held, spoil: str
) -> None:
    request = world.ask(GRADUATION)
    link = request["links"]["cross_device"]
    answer = world.wallet("present", request=link, credentials=held[:1], spoil=spoil)
    assert answer["status"] == 400
    assert answer["answer"]["error"] == "invalid_request"
    assert world.look(request)["report"] is None


@pytest.mark.clause("RFC 9901 §7.1")
def test_a_claim_that_its_holder_changed_is_not_valid_and_not_shown_as_proven(world: World, held) -> None:
    request = world.ask(GRADUATION)
    link = request["links"]["cross_device"]
    assert world.wallet("present", request=link, credentials=held[:1], spoil="disclosure")["status"] == 200
    report = world.look(request)["report"]
    assert report["verdict"] == "invalid"
    (graduation,) = report["credentials"]
    checks = {item["check"]: item["outcome"] for item in graduation["checks"]}
    assert checks["signature"] == "failed"
    assert graduation["claims_proven"] is False


def test_an_answer_is_taken_once(world: World, held) -> None:
    request = world.ask(GRADUATION)
    link = request["links"]["cross_device"]
    answer = world.wallet("present", request=link, credentials=held[:1], repeat=True)
    assert (answer["status"], answer["again"]) == (200, 400)
    assert "error" in world.wallet("present", request=link, credentials=held[:1])
    assert world.look(request)["report"]["verdict"] == "valid"


def test_what_was_revoked_is_not_valid_for_us_and_for_sd_jwt_js(world: World) -> None:
    invitation = world.invitation()
    claimed = world.claim(invitation.link)["credentials"]
    assert "error" not in world.wallet("verify", credential=claimed[0]["credential"])
    world.revoke(invitation)
    assert world.wallet("verify", credential=claimed[0]["credential"])["error"] == "Status is not valid"
    request = world.ask(GRADUATION)
    world.wallet("present", request=request["links"]["cross_device"], credentials=claimed)
    report = world.look(request)["report"]
    assert report["verdict"] == "invalid"
    checks = {item["check"]: item["outcome"] for item in report["credentials"][0]["checks"]}
    assert [name for name, outcome in checks.items() if outcome == "failed"] == ["status"]
