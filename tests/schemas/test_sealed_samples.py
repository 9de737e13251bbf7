"""Samples sealed as SD-JWT VC: what the catalogue says of disclosure is what a holder can do."""

import secrets
from datetime import UTC, datetime

import pytest

from schemas.catalogue import ClaimPath
from schemas.validation import validate_disclosed
from tegata.formats import sd_jwt_vc
from tegata.formats.credential import Document, Limits, TypeNames, Verified
from tegata.formats.sd_jwt_vc.type_metadata import resolve
from tegata.formats.sd_jwt_vc.type_rules import TypeRuleBroken, check_type_rules
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tests.schemas.claims import NAMES, definition, sample

NOW = datetime(2026, 3, 5, tzinfo=UTC)
SIGNER = SoftwareSigner.generate(Algorithm.ES256, "key-1")


def _verified(parsed: sd_jwt_vc.Parsed) -> Verified:
    return sd_jwt_vc.verify(parsed, SIGNER.public_key, now=NOW)


def _issue(name: str, claims: dict[str, object], *, selectable: tuple[ClaimPath, ...] = ()) -> bytes:
    document = definition(name)
    type_names = TypeNames(
        vct=document.vct,
        vct_integrity=document.vct_integrity,
        contexts=document.contexts,
        types=document.types,
        selectable=(*document.selectable, *selectable),
        decoys=document.decoys_for(claims),
    )
    credential = Document(
        issuer="https://issuer.example/s/1",
        issuer_did="did:web:issuer.example:s:1",
        issuer_name={"ja": "例示県立みらい台高等学校"},
        names=type_names,
        claims=claims,
        valid_from=NOW,
    )
    return sd_jwt_vc.seal(sd_jwt_vc.prepare(credential, None, secrets.token_bytes, NOW), SIGNER)


@pytest.mark.clause("RFC 9901 §4.2.5")
def test_the_number_of_digests_does_not_tell_who_has_a_further_name() -> None:
    plain = sample("graduation")
    foreign = plain | {"preferred_name": "青木 ハナ", "middle_name": "マリー"}
    counts = set()
    for claims in (plain, foreign):
        payload = sd_jwt_vc.parse(_issue("graduation", claims), Limits()).payload
        counts.add(len(payload["_sd"]))
    assert len(counts) == 1
    assert definition("graduation").decoys_for({}) == definition("graduation").decoys


@pytest.mark.clause("SD-JWT VC §6")
@pytest.mark.parametrize("name", NAMES)
def test_a_sealed_sample_keeps_to_its_type_and_its_always_shown_part_is_valid(name: str) -> None:
    document = definition(name)
    data = _issue(name, sample(name))
    metadata = resolve(document.vct, {document.vct: document.type_metadata}, document.vct_integrity)
    bare = data.split(b"~", 1)[0] + b"~"
    for received in (data, bare):
        parsed = sd_jwt_vc.parse(received, Limits())
        verified = _verified(parsed)
        check_type_rules(metadata, parsed, verified)
        shown = {
            claim: verified.claims[claim]
            for claim in document.schema["properties"]
            if claim in verified.claims
        }
        assert validate_disclosed(document, shown) == ()
    assert set(shown) <= {*document.always_shown, "age_equal_or_over"}


def test_a_school_whose_name_is_sensitive_can_be_hidden_under_the_same_type() -> None:
    document = definition("graduation")
    data = _issue("graduation", sample("graduation"), selectable=document.hideable)
    bare = data.split(b"~", 1)[0] + b"~"
    parsed = sd_jwt_vc.parse(bare, Limits())
    verified = _verified(parsed)
    check_type_rules(resolve(document.vct, {document.vct: document.type_metadata}), parsed, verified)
    assert "school" not in verified.claims
    shown = {claim: verified.claims[claim] for claim in ("date_of_issuance", "test")}
    assert validate_disclosed(document, shown) == ()


def test_hiding_what_is_always_shown_breaks_the_type() -> None:
    document = definition("graduation")
    data = _issue("graduation", sample("graduation"), selectable=(("date_of_issuance",),))
    parsed = sd_jwt_vc.parse(data, Limits())
    verified = _verified(parsed)
    metadata = resolve(document.vct, {document.vct: document.type_metadata})
    with pytest.raises(TypeRuleBroken):
        check_type_rules(metadata, parsed, verified)
