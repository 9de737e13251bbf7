"""Taking credentials and presentations apart: bounded and strict."""

import json

import pytest

from tegata.errors import LimitExceeded
from tegata.formats import data_integrity
from tegata.formats.credential import FormatRefused, Limits
from tegata.formats.data_integrity import ContextRefused, DataLoss
from tests.tegata.formats.data_integrity.support import CONTEXTS, ISSUER, encoded, issue, present


def parse(value, **options):
    return data_integrity.parse(value if isinstance(value, bytes) else encoded(value), CONTEXTS, **options)


def test_a_credential_names_the_key_of_its_issuer():
    reference = parse(issue()).key_reference
    assert reference.issuer == ISSUER
    assert reference.verification_method == f"{ISSUER}#document-1"
    assert reference.algorithm == "ES256"
    assert reference.certificates == ()


def test_the_proof_of_the_issuer_is_found_among_those_of_others():
    credential = issue()
    other = credential["proof"] | {"verificationMethod": "did:web:notary.example#1"}
    credential["proof"] = [other, credential["proof"]]
    assert parse(credential).key_reference.verification_method == f"{ISSUER}#document-1"


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": 1} x'],
)
def test_what_is_no_json_object_is_refused(data):
    with pytest.raises(FormatRefused, match="PARSING_ERROR"):
        parse(data)


@pytest.mark.clause("VCDM 2.0 §6.1")
def test_a_name_given_twice_is_refused():
    data = encoded(issue()).replace(b'"family_name"', b'"family_name": "x", "family_name"', 1)
    with pytest.raises(FormatRefused, match="one name"):
        parse(data)


def test_too_many_bytes_too_deep_and_too_many_proofs_are_refused():
    credential = issue()
    with pytest.raises(LimitExceeded):
        parse(credential, limits=Limits(max_bytes=1_000))
    with pytest.raises(LimitExceeded):
        parse(credential, limits=Limits(max_depth=3))
    with pytest.raises(LimitExceeded, match="proofs"):
        parse(credential | {"proof": [credential["proof"]] * 9})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"proof": None}, FormatRefused),
        ({"proof": []}, FormatRefused),
        ({"proof": {"type": "DataIntegrityProof"}}, FormatRefused),
        ({"issuer": "school"}, FormatRefused),
        ({"nickname": "x"}, DataLoss),
        ({"@context": ["https://www.w3.org/ns/credentials/v2", "https://unknown.example/1"]}, ContextRefused),
        ({"@context": ["https://www.w3.org/2018/credentials/v1"]}, FormatRefused),
    ],
)
def test_a_credential_that_breaks_a_rule_is_refused(changes, error):
    with pytest.raises(error):
        parse(issue() | changes)


@pytest.mark.clause("VCDM 2.0 §4.12")
def test_a_credential_without_a_proof_is_refused():
    credential = issue()
    del credential["proof"]
    with pytest.raises(FormatRefused, match="proof"):
        parse(credential)


def test_a_presentation_gives_its_credentials_and_each_knows_it():
    presentation = present(issue(), issue(identifier=None))
    parsed = data_integrity.parse_presentation(encoded(presentation), CONTEXTS)
    assert len(parsed) == 2
    assert {item.presentation.holder for item in parsed} == {presentation["holder"]}
    assert [item.document for item in parsed] == presentation["verifiableCredential"]


def test_one_credential_need_not_be_in_an_array():
    presentation = present(issue(), holder=None)
    presentation["verifiableCredential"] = presentation["verifiableCredential"][0]
    assert len(data_integrity.parse_presentation(encoded(presentation), CONTEXTS)) == 1


@pytest.mark.parametrize("credentials", [None, [], ["x"], [{}]])
def test_a_presentation_of_no_credential_is_refused(credentials):
    presentation = present(issue(), holder=None)
    presentation["verifiableCredential"] = credentials
    if credentials is None:
        del presentation["verifiableCredential"]
    with pytest.raises(FormatRefused):
        data_integrity.parse_presentation(encoded(presentation), CONTEXTS)


def test_a_presentation_of_too_many_credentials_is_refused():
    presentation = present(issue(), holder=None)
    presentation["verifiableCredential"] *= 17
    with pytest.raises(LimitExceeded, match="credentials"):
        data_integrity.parse_presentation(encoded(presentation), CONTEXTS)


@pytest.mark.clause("VCDM 2.0 §4.13")
def test_what_the_holder_asserts_of_themselves_is_no_credential_here():
    presentation = present(issue())
    own = presentation["verifiableCredential"][0]
    own["issuer"] = presentation["holder"]
    del own["proof"]
    with pytest.raises(FormatRefused, match="without a proof"):
        data_integrity.parse_presentation(encoded(presentation), CONTEXTS)


def test_a_credential_is_no_presentation_and_the_reverse():
    assert data_integrity.is_presentation(encoded(present(issue())))
    assert not data_integrity.is_presentation(encoded(issue()))
    with pytest.raises(FormatRefused):
        data_integrity.is_presentation(b"[]")
    with pytest.raises(FormatRefused):
        parse(present(issue()))
    with pytest.raises(FormatRefused):
        data_integrity.parse_presentation(encoded(issue()), CONTEXTS)


@pytest.mark.parametrize("wrong", [5, None, True, "x", [], {}, [None], [[]], {"a": {}}, 1.5, "\u0000", [5]])
def test_any_member_of_any_wrong_kind_is_refused_or_read_and_never_an_internal_error(wrong):
    credential = issue()
    outcomes = []
    for place in _places(json.loads(json.dumps(credential)), ()):
        changed = json.loads(json.dumps(credential))
        parent = changed
        for part in place[:-1]:
            parent = parent[part]
        parent[place[-1]] = wrong
        outcomes.append(_outcome(changed))
    assert set(outcomes) <= {"parsed", "refused"}
    assert outcomes.count("refused") > 10


def _outcome(credential):
    try:
        parse(credential)
    except FormatRefused:
        return "refused"
    return "parsed"


def _places(value, path):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _places(item, (*path, key))
