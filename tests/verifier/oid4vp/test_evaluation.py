"""Whether what came is what was asked for."""

from dataclasses import replace

import pytest

from verifier.oid4vp.dcql import ClaimQuery, CredentialQuery, CredentialSet, Query
from verifier.oid4vp.evaluation import Presented, Reason, evaluate

pytestmark = pytest.mark.clause("OID4VP 1.0 §6.4")

NAME, DATE = ClaimQuery(("name",), "n"), ClaimQuery(("date",), "d")
ASKED = CredentialQuery("a", "dc+sd-jwt", (("urn:x",),), (NAME, DATE))
OTHER = replace(ASKED, identifier="b", types=(("urn:y",),), claims=())
GOOD = Presented("dc+sd-jwt", ("urn:x",), {"name": "x", "date": "y"}, holder_proven=True)
GOOD_OTHER = replace(GOOD, types=("urn:y",))


def reasons(query: Query, **presented: Presented) -> list[Reason]:
    return [fall.reason for fall in evaluate(query, {name: (item,) for name, item in presented.items()})]


def test_what_fits_has_no_shortfall() -> None:
    assert reasons(Query((ASKED,)), a=GOOD) == []


@pytest.mark.parametrize(
    ("presented", "reason"),
    [
        (replace(GOOD, format="ldp_vc"), Reason.WRONG_FORMAT),
        (replace(GOOD, types=("urn:z",)), Reason.WRONG_TYPE),
        (replace(GOOD, holder_proven=False), Reason.NOT_BOUND),
        (replace(GOOD, claims={"name": "x"}), Reason.CLAIM_MISSING),
    ],
)
def test_each_way_to_fall_short(presented: Presented, reason: Reason) -> None:
    assert reasons(Query((ASKED,)), a=presented) == [reason]


def test_a_value_that_was_not_accepted_is_told() -> None:
    asked = replace(ASKED, claims=(replace(NAME, values=("y",)),))
    assert reasons(Query((asked,)), a=GOOD) == [Reason.VALUE_NOT_ACCEPTED]


def test_every_type_of_an_alternative_has_to_be_there() -> None:
    asked = replace(ASKED, types=(("A", "B"), ("C",)), claims=())
    assert reasons(Query((asked,)), a=replace(GOOD, types=("A",))) == [Reason.WRONG_TYPE]
    assert reasons(Query((asked,)), a=replace(GOOD, types=("A", "B", "D"))) == []
    assert reasons(Query((asked,)), a=replace(GOOD, types=("C",))) == []


def test_one_claim_set_suffices() -> None:
    asked = replace(ASKED, claim_sets=(("n", "d"), ("n",)))
    assert reasons(Query((asked,)), a=replace(GOOD, claims={"name": "x"})) == []
    assert reasons(Query((asked,)), a=replace(GOOD, claims={"date": "x"})) == [Reason.CLAIM_MISSING]


def test_without_sets_everything_is_asked_for() -> None:
    assert reasons(Query((ASKED, OTHER)), a=GOOD) == [Reason.NOTHING_PRESENTED]
    assert reasons(Query((ASKED, OTHER)), a=GOOD, b=GOOD_OTHER) == []


def test_with_sets_one_option_suffices() -> None:
    query = Query((ASKED, OTHER), (CredentialSet((("a",), ("b",))),))
    assert reasons(query, b=GOOD_OTHER) == []
    assert reasons(query) == [Reason.SET_INCOMPLETE]


def test_a_set_that_is_not_required_may_stay_away() -> None:
    query = Query((ASKED, OTHER), (CredentialSet((("a",),)), CredentialSet((("b",),), required=False)))
    assert reasons(query, a=GOOD) == []


def test_what_was_presented_has_to_fit_even_if_it_was_not_needed() -> None:
    query = Query((ASKED, OTHER), (CredentialSet((("a",), ("b",))),))
    assert reasons(query, a=GOOD, b=GOOD) == [Reason.WRONG_TYPE]


def test_an_unbound_credential_is_fine_where_no_proof_was_asked_for() -> None:
    asked = replace(ASKED, holder_binding=False)
    assert reasons(Query((asked,)), a=replace(GOOD, holder_proven=False)) == []
