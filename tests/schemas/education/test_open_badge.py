"""Open Badges: valid by both of the standard's schemas, nothing lost as linked data, signed, and verified by others."""

import copy
import json
from typing import Any

import pytest

from schemas.education.checking import check
from schemas.education.open_badge import open_badge
from schemas.education.source import FormRefused
from tegata.formats import data_integrity
from tegata.formats.linked_data.dataset import to_dataset
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tests.schemas.claims import NAMES
from tests.schemas.education.support import CONTEXTS, ISSUER, START, SUBJECT, errors, source, standard

TOLERANT = standard("1edtech", "ob_v3p0_achievementcredential_schema.json")
STRICT = standard("1edtech-strict", "ob_v3p0_achievementcredential_schema.json")
SIGNER = SoftwareSigner.generate(Algorithm.EDDSA, "badge-1")
BADGES = {
    "graduation": source("graduation"),
    "completion": source("completion"),
    "achievement": source("achievement"),
    "without a did": source("graduation", subject=""),
    "without status": source("achievement", status=None),
    "least": source(
        "achievement",
        claims={
            "achievement_result": ...,
            "evidence_url": ...,
            "family_name_latin": ...,
            "given_name_latin": ...,
        },
    ),
}


def signed(badge: Any, signer: SoftwareSigner = SIGNER) -> dict[str, Any]:
    method = f"{ISSUER}#{signer.public_key.key_id}"
    found = data_integrity.secure(badge, signer, method, START, CONTEXTS, cryptosuite="eddsa-rdfc-2022")
    return {**found, "proof": [found["proof"]]}


@pytest.mark.clause("Open Badges 3.0 §B.1.2")
@pytest.mark.parametrize("name", BADGES)
def test_a_badge_is_valid_by_the_standards_schemas_and_by_ours(name: str) -> None:
    badge = signed(open_badge(BADGES[name]))
    assert errors(TOLERANT, badge) == []
    assert errors(STRICT, badge) == []
    check("open-badge", badge)


@pytest.mark.clause("VC Data Integrity 1.0 §2.4.3")
@pytest.mark.parametrize("name", BADGES)
def test_nothing_of_a_badge_is_lost_as_linked_data(name: str) -> None:
    assert to_dataset(open_badge(BADGES[name]), data_integrity.Contexts.of(CONTEXTS)).quads


def test_a_signed_badge_verifies_and_a_changed_one_does_not() -> None:
    badge = signed(open_badge(BADGES["graduation"]))
    parsed = data_integrity.parse(json.dumps(badge).encode(), CONTEXTS)
    verified = data_integrity.verify(parsed, SIGNER.public_key, now=START)
    assert verified.types[1] == "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
    changed = copy.deepcopy(badge)
    changed["credentialSubject"]["achievement"]["achievementType"] = "BachelorDegree"
    with pytest.raises(Exception, match="does not hold"):
        data_integrity.verify(
            data_integrity.parse(json.dumps(changed).encode(), CONTEXTS), SIGNER.public_key, now=START
        )


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ({}, "SecondarySchoolDiploma"),
        ({"school": "B1"}, "CertificateOfCompletion"),
        ({"school": "C1"}, "CertificateOfCompletion"),
        ({"school": "H1"}, "Diploma"),
        ({"school": "F1", "degree": "学士（情報学）"}, "BachelorDegree"),
        ({"school": "F1", "degree": "修士（工学）"}, "MasterDegree"),
        ({"school": "F1", "degree": "博士（文学）"}, "DoctoralDegree"),
        ({"school": "F2", "degree": "短期大学士（家政学）"}, "AssociateDegree"),
        ({"school": "G1", "degree": "準学士"}, "AssociateDegree"),
    ],
)
def test_a_graduation_is_what_its_school_and_degree_make_it(claims: dict[str, Any], kind: str) -> None:
    made = source("graduation")
    school = {**made.school, "kind": claims.pop("school", "D1")}
    badge = open_badge(source("graduation", claims={**claims, "school": school}))
    assert badge["credentialSubject"]["achievement"]["achievementType"] == kind
    check("open-badge", badge)


def test_a_badge_says_whose_it_is_and_who_vouches_for_it() -> None:
    badge = open_badge(BADGES["graduation"])
    subject = badge["credentialSubject"]
    assert subject["id"] == SUBJECT
    assert subject["identifier"][0]["identityHash"] == "HARUKA AOBA"
    assert badge["issuer"]["name"] == "Reiji Prefectural Miraidai High School"
    assert badge["issuer"]["otherIdentifier"][0] == {
        "type": "IdentifierEntry",
        "identifier": "D100299999903",
        "identifierType": "ext:jp-school-code",
    }
    assert badge["credentialStatus"]["id"].endswith("/revocation#77")
    assert "id" not in open_badge(BADGES["without a did"])["credentialSubject"]
    assert open_badge(BADGES["least"])["credentialSubject"]["identifier"][0]["identityHash"] == "はるか 青葉"


def test_an_achievement_has_its_result_and_what_it_is_aligned_to() -> None:
    badge = open_badge(BADGES["achievement"])
    achievement = badge["credentialSubject"]["achievement"]
    assert achievement["achievementType"] == "CoCurricular"
    assert achievement["alignment"][0]["targetName"] == "8434503311100000"
    assert badge["credentialSubject"]["result"][0]["value"] == "優秀"
    assert (
        badge["credentialSubject"]["result"][0]["resultDescription"]
        == achievement["resultDescription"][0]["id"]
    )


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in ("graduation", "completion", "achievement")]
)
def test_a_document_that_is_no_achievement_is_no_badge(name: str) -> None:
    with pytest.raises(FormRefused):
        open_badge(source(name))


@pytest.mark.parametrize(
    "change",
    [
        {"type": ["VerifiableCredential"]},
        {"name": ""},
        {"validFrom": "2026-03-02"},
        {"credentialSubject": {"type": ["AchievementSubject"]}},
        {"remarks": "x"},
        {"@context": ["https://www.w3.org/ns/credentials/v2"]},
    ],
)
def test_what_is_not_made_here_is_refused_by_our_schema(change: dict[str, Any]) -> None:
    with pytest.raises(FormRefused):
        check("open-badge", {**open_badge(BADGES["graduation"]), **change})
