"""Related resources that are at hand have to be the ones that the issuer meant."""

import hashlib

import pytest

from tegata.codec import base58, base64url
from tegata.codec.integrity import integrity_of
from tegata.formats.credential import FormatRefused
from tegata.formats.vcdm.related import check_related

_URL, _DATA = "https://school.example/contexts/1", b'{"@context": {}}'
_SHA256 = b"\x12\x20" + hashlib.sha256(_DATA).digest()
_SHA384 = b"\x20\x30" + hashlib.sha384(_DATA).digest()
_OTHER = b"\x12\x20" + hashlib.sha256(b"x").digest()


def _check(*resources: object):
    check_related({"relatedResource": list(resources)}, {_URL: _DATA}.get)


@pytest.mark.clause("VCDM 2.0 §5.3")
@pytest.mark.parametrize(
    "digest",
    [
        {"digestSRI": integrity_of(_DATA)},
        {"digestMultibase": "u" + base64url.encode(_SHA256)},
        {"digestMultibase": "z" + base58.encode(_SHA256)},
        {"digestMultibase": "u" + base64url.encode(_SHA384)},
        {"digestSRI": integrity_of(_DATA), "digestMultibase": "u" + base64url.encode(_SHA384)},
    ],
    ids=["SRI", "base64url", "base58btc", "SHA-384", "both"],
)
def test_the_resource_that_was_meant_is_accepted(digest):
    _check({"id": _URL, **digest})


@pytest.mark.clause("VCDM 2.0 §5.3")
@pytest.mark.parametrize(
    "digest",
    [
        {"digestSRI": integrity_of(b"x")},
        {"digestSRI": "sha999-x"},
        {"digestSRI": 5},
        {"digestMultibase": "u" + base64url.encode(_OTHER)},
        {"digestMultibase": "u" + base64url.encode(_SHA256[2:])},
        {"digestMultibase": "u" + base64url.encode(_SHA256[:-1])},
        {"digestMultibase": "m" + base64url.encode(_SHA256)},
        {"digestMultibase": "u!"},
        {"digestMultibase": "z" * 600},
        {"digestMultibase": None},
        {"digestSRI": integrity_of(_DATA), "digestMultibase": "u" + base64url.encode(_OTHER)},
    ],
    ids=[
        *("other SRI", "unknown hash", "number", "other hash", "no kind", "short", "other base", "no base64"),
        *("too long", "null", "one of two"),
    ],
)
def test_another_resource_and_a_digest_that_is_none_are_refused(digest):
    with pytest.raises(FormatRefused, match="relatedResource"):
        _check({"id": _URL, **digest})


def test_a_resource_that_is_not_at_hand_is_for_whoever_uses_it():
    _check({"id": "https://other.example/1", "digestSRI": integrity_of(b"x")})
    _check(
        "https://school.example/contexts/1", {"digestSRI": 5}, 5
    )  # for the rule that asks for objects with ids
    check_related({}, {}.get)
