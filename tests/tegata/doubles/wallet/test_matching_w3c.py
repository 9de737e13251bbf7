"""Which W3C credential of a wallet answers a query: by its expanded types, over the contexts that the wallet has."""

import pytest

from tegata.doubles.wallet.matching import match
from tegata.doubles.wallet.store import Held
from tegata.errors import Forbidden
from tests.tegata.formats.data_integrity.support import CONTEXTS, V2, VOCABULARY, issue

_BASE = "https://www.w3.org/2018/credentials#VerifiableCredential"
_GRADUATION = f"{VOCABULARY}GraduationCredential"


def _held(credential):
    return Held("1", "ldp_vc", "graduation", "https://school.example", credential, "")


def _query(*type_values: list[str], **members):
    item = {"id": "a", "format": "ldp_vc", "meta": {"type_values": list(type_values)}, **members}
    return {"credentials": [item]}


@pytest.mark.clause("OID4VP 1.0 §B.1.1")
@pytest.mark.parametrize("type_values", [[[_BASE]], [[_BASE, _GRADUATION]], [["urn:x:other"], [_GRADUATION]]])
def test_a_credential_of_one_of_the_types_answers(type_values):
    (answer,) = match(_query(*type_values), [_held(issue())], CONTEXTS)
    assert answer.query_id == "a"


@pytest.mark.parametrize("type_values", [[], [["GraduationCredential"]], [[_BASE, "urn:x:other"]]])
def test_a_credential_of_another_type_does_not(type_values):
    with pytest.raises(Forbidden):
        match(_query(*type_values), [_held(issue())], CONTEXTS)


def test_a_credential_over_contexts_that_the_wallet_has_not_does_not():
    with pytest.raises(Forbidden):
        match(_query([_BASE]), [_held(issue())], {V2: CONTEXTS[V2]})


def test_the_paths_of_claims_begin_at_the_credential():
    claims = [{"path": ["credentialSubject", "family_name"], "values": ["髙橋"]}]
    (answer,) = match(_query([_GRADUATION], claims=claims), [_held(issue())], CONTEXTS)
    assert answer.paths == (("credentialSubject", "family_name"),)
    with pytest.raises(Forbidden):
        match(_query([_GRADUATION], claims=[{"path": ["family_name"]}]), [_held(issue())], CONTEXTS)
