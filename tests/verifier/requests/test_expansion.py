"""From documents to a query: every format, every optional item, and what is left out."""

from typing import Any

import pytest

from schemas import catalogue
from tegata.errors import NotFound
from verifier.oid4vp.dcql import LDP_VC, MSO_MDOC, SD_JWT_VC, parse_query
from verifier.oid4vp.errors import QueryRefused
from verifier.requests.expansion import expand, outline
from verifier.requests.templates import get, load, parse_items

CATALOGUE = catalogue.load()


@pytest.mark.parametrize("template", load(), ids=lambda template: template.name)
def test_every_template_expands_to_a_query_that_wallets_can_read(template: Any) -> None:
    query = expand(template.items, CATALOGUE)
    assert parse_query(query.to_json()) == query
    assert query.formats == {SD_JWT_VC, MSO_MDOC, LDP_VC}
    assert template.title.ja
    assert template.title.en
    assert template.purpose.ja
    assert template.purpose.en


def test_one_document_in_one_format_suffices() -> None:
    query = expand(get("admissions").items, CATALOGUE)
    assert [item.options for item in query.sets] == [
        (
            ("graduation-sd-jwt",),
            ("graduation-mdoc",),
            ("graduation-w3c",),
            ("expected-graduation-sd-jwt",),
            ("expected-graduation-mdoc",),
            ("expected-graduation-w3c",),
        ),
        (
            ("transcript-sd-jwt",),
            ("transcript-mdoc",),
            ("transcript-w3c",),
            ("transcript-he-sd-jwt",),
            ("transcript-he-mdoc",),
            ("transcript-he-w3c",),
        ),
    ]


def test_types_and_paths_are_those_of_the_format() -> None:
    query = expand(get("graduation").items, CATALOGUE)
    document = CATALOGUE.get("graduation")
    sd_jwt, mobile, w3c = query.credentials
    assert sd_jwt.types == ((document.vct,),)
    assert w3c.types == (document.type_iris,)
    assert sd_jwt.claims[0].path == ("family_name",)
    assert w3c.claims[0].path == ("credentialSubject", "family_name")
    assert mobile.types == (("org.w3id.tegata.graduation.1",),)
    assert mobile.claims[0].path == ("org.w3id.tegata.graduation.1", "family_name")
    assert mobile.claims[0].intent_to_retain is True


@pytest.mark.clause("OID4VP 1.0 §7.2")
def test_of_a_mobile_document_elements_are_asked_for_and_what_other_forms_always_show() -> None:
    items = parse_items(
        [
            {
                "any_of": [
                    {
                        "document": "student-id",
                        "claims": ["birthdate", ["age_equal_or_over", "18"]],
                        "optional": ["age_equal_or_over"],
                    }
                ]
            }
        ]
    )
    (mobile,) = expand(items, CATALOGUE, (MSO_MDOC,)).credentials
    names = {claim.identifier: claim.path[1] for claim in mobile.claims}
    required = ("birth_date", "age_over_18", "issue_date", "expiry_date")
    assert [tuple(names[name] for name in some) for some in mobile.claim_sets] == [
        (*required, "school", "age_over_20"),
        (*required, "school"),
        (*required, "age_over_20"),
        required,
    ]


def test_a_school_that_is_asked_for_has_to_be_shown_and_what_is_welcome_stays_few_enough_to_read() -> None:
    several = ["given_name", "grade", "age_equal_or_over", "portrait"]
    wanted = {"document": "student-id", "claims": [["school", "name"]], "optional": several}
    query = expand(parse_items([{"any_of": [wanted]}]), CATALOGUE)
    assert parse_query(query.to_json()) == query
    mobile = query.credential("student-id-mdoc")
    assert mobile is not None
    first, *_, last = mobile.claim_sets
    assert len(mobile.claim_sets) == 16
    assert (len(first), len(last)) == (8, 3)
    assert mobile.claims[0].path[1] == "school"


@pytest.mark.clause("OID4VP 1.0 §6.4.1")
def test_optional_items_become_claim_sets_with_the_fullest_first() -> None:
    items = parse_items(
        [
            {
                "any_of": [
                    {
                        "document": "graduation",
                        "claims": ["birthdate"],
                        "optional": ["given_name", "department"],
                    }
                ]
            }
        ]
    )
    assert expand(items, CATALOGUE).credentials[0].claim_sets == (
        ("c0", "c1", "c2"),
        ("c0", "c1"),
        ("c0", "c2"),
        ("c0",),
    )


def test_what_is_not_asked_is_listed_and_what_is_always_shown_is_not() -> None:
    (found,) = outline(get("graduation").items, CATALOGUE)
    labels = CATALOGUE.get("graduation").labels
    assert labels["family_name",] in found.asked
    assert labels["given_name",] in found.optional
    assert labels["student_number",] in found.not_asked
    assert labels["school",] not in found.not_asked


@pytest.mark.parametrize(
    "items",
    [
        None,
        [],
        [{}],
        [{"any_of": []}],
        [{"any_of": [{"document": "graduation"}]}],
        [{"any_of": [{"document": 1, "claims": ["x"]}]}],
        [{"any_of": [{"document": "graduation", "claims": []}]}],
        [{"any_of": [{"document": "graduation", "claims": [{}]}]}],
        [{"any_of": [{"document": "graduation", "claims": ["birthdate"]}], "required": 1}],
        [{"any_of": [{"document": "graduation", "claims": ["birthdate"]}], "other": 1}],
        [{"any_of": [{"document": "graduation", "claims": ["birthdate"], "optional": ["birthdate"]}]}],
        [{"any_of": [{"document": "graduation", "claims": ["x"], "optional": ["a", "b", "c", "d", "e"]}]}],
    ],
)
def test_items_that_cannot_be_understood_are_refused(items: Any) -> None:
    with pytest.raises(QueryRefused):
        parse_items(items)


def test_documents_and_items_have_to_exist() -> None:
    def of(document: str, claim: Any) -> Any:
        return parse_items([{"any_of": [{"document": document, "claims": [claim]}]}])

    with pytest.raises(NotFound):
        expand(of("nothing", "birthdate"), CATALOGUE)
    for claim in ("sex", ["courses", 0], ["school", "nothing"]):
        with pytest.raises(QueryRefused):
            expand(of("graduation", claim), CATALOGUE)
    assert expand(of("transcript", ["courses", 0, "rating"]), CATALOGUE)
    with pytest.raises(QueryRefused):
        expand((*of("graduation", "birthdate"), *of("graduation", "school")), CATALOGUE)


def test_a_template_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        get("nothing")


@pytest.mark.parametrize("name", ["guidance-record", "health-card", "admission-report"])
def test_nobody_is_asked_for_what_organisations_send_each_other(name: str) -> None:
    items = parse_items([{"any_of": [{"document": name, "claims": [["birthdate"]]}]}])
    with pytest.raises(QueryRefused, match="not a document that learners show"):
        expand(items, CATALOGUE)
