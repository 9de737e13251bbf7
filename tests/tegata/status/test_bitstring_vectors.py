"""What an entry and a list come to, as data: the Recommendation's examples, and cases of our own for each of its errors."""

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tegata.codec import base64url, json
from tegata.errors import TegataError
from tegata.status import bitstring_status_list as bsl
from tegata.status.bitstring_entry import entries_of, parse_entry
from tegata.status.errors import (
    LENGTH,
    MALFORMED_VALUE,
    RANGE,
    RETRIEVAL,
    VERIFICATION,
    StatusMalformed,
    problem_type_of,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
_FOLDER = Path(__file__).parents[2] / "vectors" / "bitstring_status_list"
EXAMPLES: dict[str, Any] = json.loads((_FOLDER / "examples.json").read_bytes())
CASES: dict[str, dict[str, Any]] = {
    case["name"]: case for case in json.loads((_FOLDER / "cases.json").read_bytes())["cases"]
}


def _believe(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Stand in for a proof that holds: proofs have tests of their own."""
    return document


def _with(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object with these members; null takes one away."""
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def _encoded(case: Mapping[str, Any]) -> str:
    """Spell the list that a case describes, with the standard library's gzip."""
    length = case.get("bytes", 16_384)
    bits = sum(1 << (length * 8 - 1 - place) for place in case.get("ones", ()))
    return "u" + base64url.encode(gzip.compress(bits.to_bytes(length, "big")))


def _list(case: Mapping[str, Any]) -> dict[str, Any]:
    subject = EXAMPLES["list"]["credentialSubject"] | {"encodedList": _encoded(case)}
    document = EXAMPLES["list"] | {"credentialSubject": _with(subject, case.get("subject", {}))}
    return _with(document, case.get("document", {}))


def _entry(case: Mapping[str, Any]) -> dict[str, Any]:
    return _with({**EXAMPLES["simple"][0], "statusListIndex": "7"}, case.get("entry", {}))


def _examined(case: Mapping[str, Any]) -> bsl.Reading:
    return bsl.check(parse_entry(_entry(case)), _list(case), _believe, now=NOW)


@pytest.mark.clause("BSL §3.2")
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "value" in case])
def test_a_list_says_what_the_case_expects(name: str) -> None:
    reading = _examined(CASES[name])
    assert reading.value == CASES[name]["value"]
    assert reading.message == CASES[name].get("message", "")


@pytest.mark.clause("BSL §3.5")
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "problem" in case])
def test_a_deviation_has_the_problem_type_of_the_standard(name: str) -> None:
    with pytest.raises(TegataError) as refused:
        _examined(CASES[name])
    assert problem_type_of(refused.value) == CASES[name]["problem"]


def test_every_problem_type_of_the_standard_has_a_case() -> None:
    kinds = {case["problem"] for case in CASES.values() if "problem" in case}
    assert kinds == {MALFORMED_VALUE, RANGE, LENGTH, VERIFICATION, RETRIEVAL}


@pytest.mark.clause("BSL §2.1")
def test_the_recommendations_simple_example_is_read() -> None:
    first, second = entries_of(EXAMPLES["simple"])
    assert (first.purpose, first.index, first.list_url) == (
        "revocation",
        94_567,
        "https://example.com/credentials/status/3",
    )
    assert (second.purpose, second.index) == ("suspension", 23_452)
    assert bsl.check(first, EXAMPLES["list"], _believe, now=NOW).value == 0


@pytest.mark.clause("BSL §2.1")
def test_the_recommendations_complex_example_is_read_once_its_fourth_message_is_there() -> None:
    stated = EXAMPLES["complex"]
    with pytest.raises(StatusMalformed):
        parse_entry(stated)
    fourth = {"status": "0x3", "message": "undefined"}
    entry = parse_entry(stated | {"statusMessage": [*stated["statusMessage"], fourth]})
    assert (entry.size, entry.message_of(1), entry.message_of(3)) == (2, "accepted", "undefined")
    assert entry.references == ("https://example.org/status-dictionary/",)


@pytest.mark.clause("BSL §2.2")
def test_the_recommendations_list_is_what_we_read_of_sixteen_kibibytes_of_zeros() -> None:
    encoded = EXAMPLES["list"]["credentialSubject"]["encodedList"]
    assert gzip.decompress(base64url.decode(encoded[1:])) == bytes(16_384)
    ours = bsl.encode_list(bytes(16_384))
    assert gzip.decompress(base64url.decode(ours[1:])) == bytes(16_384)
