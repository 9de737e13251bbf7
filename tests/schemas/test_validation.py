"""Schema checks, with the plain `jsonschema` package as the second opinion."""

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.validation import Violation, disclosed_schema, validate, validate_disclosed
from tegata.errors import Misconfigured
from tests.schemas.claims import DOCUMENTS, NAMES, definition, put, sample

ORACLES = {
    (document.name, complete): jsonschema.Draft202012Validator(
        dict(document.schema) if complete else disclosed_schema(document),
        format_checker=jsonschema.FormatChecker(["date"]),
    )
    for document in DOCUMENTS
    for complete in (True, False)
}


def _told(violations: tuple[Violation, ...]) -> list[tuple[str, str]]:
    return [(violation.rule, violation.pointer) for violation in violations]


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_valid_json_schema(name: str) -> None:
    document = definition(name)
    assert document.schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(dict(document.schema))
    jsonschema.Draft202012Validator.check_schema(disclosed_schema(document))


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_is_valid_and_marked_as_a_test(name: str) -> None:
    document, claims = definition(name), sample(name)
    assert validate(document, claims) == ()
    assert validate_disclosed(document, claims) == ()
    assert ORACLES[name, True].is_valid(claims)
    assert claims["test"] is True


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_has_its_claims_in_the_order_of_the_document(name: str) -> None:
    claims = sample(name)
    assert list(claims) == [claim for claim in definition(name).schema["properties"] if claim in claims]


@pytest.mark.parametrize(
    ("name", "claim"),
    [(document.name, claim) for document in DOCUMENTS for claim in document.schema["required"]],
)
def test_what_is_required_may_not_be_left_out_but_may_be_withheld(name: str, claim: str) -> None:
    document, claims = definition(name), sample(name)
    del claims[claim]
    found = validate(document, claims)
    assert _told(found) == [("schema.required", f"/{claim}")]
    label = document.labels[(claim,)]
    assert found[0].text.ja == f"「{label.ja}」がありません。"
    assert found[0].text.en == f"“{label.en}” is missing."
    can_be_withheld = (claim,) in {*document.selectable, *document.hideable}
    assert _told(validate_disclosed(document, claims)) == ([] if can_be_withheld else _told(found))


@pytest.mark.parametrize(
    ("name", "pointer", "value", "rule"),
    [
        ("graduation", "/nationality", "JP", "schema.additionalProperties"),
        ("graduation", "/school/remarks", "x", "schema.additionalProperties"),
        ("graduation", "/school/kind", "Z9", "schema.enum"),
        ("graduation", "/graduation_date", "2026-02-29", "schema.format"),
        ("graduation", "/graduation_date", "2026/03/01", "schema.pattern"),
        ("graduation", "/family_name", "", "schema.minLength"),
        ("graduation", "/family_name", "青" * 201, "schema.maxLength"),
        ("graduation", "/family_name", 5, "schema.type"),
        ("graduation", "/family_name", None, "schema.type"),
        ("graduation", "/family_name", " 青葉", "schema.pattern"),
        ("graduation", "/family_name", "青葉\u202e", "schema.pattern"),
        ("graduation", "/family_name", "青\u0000葉", "schema.pattern"),
        ("graduation", "/family_name", "青\ue000", "schema.pattern"),
        ("graduation", "/family_name_kana", "ｱｵﾊﾞ", "schema.pattern"),
        ("graduation", "/family_name_latin", "青葉", "schema.pattern"),
        ("graduation", "/school/code", "X100299999903", "schema.pattern"),
        ("graduation", "/school/corporate_number", "0000020009997", "schema.pattern"),
        ("graduation", "/school/code", ..., "schema.required"),
        ("enrolment", "/enrolment_status", "graduated", "schema.enum"),
        ("student-id", "/enrolment_status", "leave_of_absence", "schema.enum"),
        ("transcript", "/courses/0/rating", 6, "schema.maximum"),
        ("transcript", "/courses/0/rating", 0, "schema.minimum"),
        ("transcript", "/courses/0/credits", 1.5, "schema.type"),
        ("transcript", "/courses/0/viewpoints", ["A", "B"], "schema.minItems"),
        ("transcript", "/courses/0/viewpoints/0", "D", "schema.enum"),
        ("transcript", "/courses", [], "schema.minItems"),
        ("transcript", "/average", 3.9, "schema.type"),
        ("transcript", "/average", "3.90", "schema.pattern"),
        ("transcript-he", "/gpa", "2,85", "schema.pattern"),
        ("transcript-he", "/grading_scheme/levels", [], "schema.minItems"),
        ("student-id", "/age_equal_or_over/21", True, "schema.additionalProperties"),
        ("student-id", "/portrait", "https://example.org/a.jpg", "schema.pattern"),
    ],
)
def test_a_value_that_is_not_as_the_schema_says_is_told_at_its_place(
    name: str, pointer: str, value: Any, rule: str
) -> None:
    claims = put(sample(name), pointer, value)
    assert (rule, pointer) in _told(validate(definition(name), claims))
    assert not ORACLES[name, True].is_valid(claims)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/family_name", "辻\U000e0100"),
        ("/family_name", "𠮷"),
        ("/family_name", "﨑"),
        ("/given_name", "マリー アンヌ"),
        ("/given_name_kana", "マリー　アンヌ"),
        ("/given_name_latin", "Anne-Marie O'Neil"),
        ("/family_name_latin", "NGUYỄN"),
        ("/given_name", ...),
        ("/preferred_name", "青木 ハナ"),
        ("/school/head_name_latin", "SHINONOME Kazuki"),
    ],
)
def test_names_are_taken_as_they_are_registered(pointer: str, value: Any) -> None:
    claims = put(sample("graduation"), pointer, value)
    assert validate(definition("graduation"), claims) == ()


def test_no_text_repeats_what_was_entered() -> None:
    claims = sample("graduation") | {
        "family_name": "秘\u202e密",
        "birthdate": "1999-99-99",
        "秘密の項目": "秘密",
    }
    found = validate(definition("graduation"), claims)
    assert {violation.pointer for violation in found} == {"/family_name", "/birthdate", "/秘密の項目"}
    said = json.dumps([[violation.text.ja, violation.text.en] for violation in found], ensure_ascii=False)
    assert "秘" not in said
    assert "1999" not in said


def test_pointers_are_escaped() -> None:
    claims = sample("graduation") | {"a/b~c": 1}
    assert _told(validate(definition("graduation"), claims)) == [("schema.additionalProperties", "/a~1b~0c")]


def test_a_flood_of_mistakes_is_told_in_part() -> None:
    claims = sample("transcript")
    claims["courses"] = [{} for _ in range(250)]
    assert 100 <= len(validate(definition("transcript"), claims)) <= 105


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_what_is_no_object_is_refused_and_not_a_crash(value: Any) -> None:
    assert _told(validate(definition("graduation"), value)) == [("schema.type", "")]


def test_an_object_that_has_no_member_left_is_as_good_as_withheld() -> None:
    document, claims = definition("student-id"), sample("student-id")
    claims["age_equal_or_over"] = {}
    assert _told(validate(document, claims)) == [("schema.minProperties", "/age_equal_or_over")]
    assert validate_disclosed(document, claims) == ()


def test_a_document_that_asks_for_an_unknown_rule_is_not_validated() -> None:
    document = copy.copy(definition("graduation"))
    object.__setattr__(document, "rules", ("no.such_rule",))
    with pytest.raises(Misconfigured, match=r"no\.such_rule"):
        validate(document, sample("graduation"))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2300)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["2026-02-28", "2025-02-29", "1999-12-31", "H3", "A", "3.9", "earned", "D100299999903"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, place: str = "") -> list[str]:
    found = [place] if place else []
    if isinstance(value, dict):
        return found + [one for key, item in value.items() for one in _places(item, f"{place}/{key}")]
    if isinstance(value, list):
        return found + [
            one for index, item in enumerate(value[:3]) for one in _places(item, f"{place}/{index}")
        ]
    return found


PLACES = {name: sorted(_places(sample(name))) for name in NAMES}


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(NAMES), st.booleans())
def test_both_validators_agree_and_rules_never_fail_on_what_the_schema_accepts(
    data: st.DataObject, name: str, complete: bool
) -> None:
    claims = sample(name)
    for pointer in data.draw(st.lists(st.sampled_from(PLACES[name]), min_size=1, max_size=2)):
        try:
            put(claims, pointer, data.draw(VALUES | st.just(...)))
        except (KeyError, IndexError, TypeError):
            continue  # the first change took the place of the second away
    check = validate if complete else validate_disclosed
    found = check(definition(name), claims)
    is_accepted = not any(violation.rule.startswith("schema.") for violation in found)
    assert is_accepted is ORACLES[name, complete].is_valid(claims)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from([item.name for item in DOCUMENTS if item.is_for_holders]))
def test_whatever_a_holder_withholds_the_rest_is_valid(data: st.DataObject, name: str) -> None:
    document, claims = definition(name), sample(name)
    paths = {path[0] for path in (*document.selectable, *document.hideable)} & set(claims)
    for claim in data.draw(st.sets(st.sampled_from(sorted(str(path) for path in paths)))):
        del claims[claim]
    if "courses" in claims:
        keep = data.draw(st.sets(st.integers(0, len(claims["courses"]) - 1)))
        claims["courses"] = [course for index, course in enumerate(claims["courses"]) if index in keep]
    assert validate_disclosed(document, claims) == ()
