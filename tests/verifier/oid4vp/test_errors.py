"""One translation from refusals to the protocol's codes."""

import pytest

from tegata.errors import (
    Conflict,
    CryptographyFailed,
    Forbidden,
    LimitExceeded,
    MalformedInput,
    Misconfigured,
    NotFound,
    TegataError,
    Unavailable,
)
from verifier.oid4vp import errors
from verifier.oid4vp.errors import protocol_error

CODES: dict[type[TegataError], tuple[str, int]] = {
    errors.QueryRefused: ("invalid_request", 400),
    errors.ResponseRefused: ("invalid_request", 400),
    errors.ResponseCodeRefused: ("access_denied", 403),
    errors.RequestExpired: ("invalid_request", 400),
    errors.AlreadyAnswered: ("invalid_request", 400),
    errors.NotFetched: ("invalid_request", 400),
    LimitExceeded: ("invalid_request", 413),
    MalformedInput: ("invalid_request", 400),
    Forbidden: ("access_denied", 403),
    NotFound: ("invalid_request", 404),
    Conflict: ("invalid_request", 400),
    CryptographyFailed: ("invalid_request", 400),
    Unavailable: ("temporarily_unavailable", 503),
    Misconfigured: ("server_error", 500),
    TegataError: ("invalid_request", 400),
}


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.clause("OID4VP 1.0 §8.5")
def test_each_refusal_has_its_code(kind: type[TegataError]) -> None:
    found = protocol_error(kind("private"))
    assert (found.code, found.status) == CODES[kind]


def test_every_error_of_the_protocol_is_in_the_table() -> None:
    own = {
        item
        for item in vars(errors).values()
        if isinstance(item, type) and issubclass(item, TegataError) and item.__module__ == errors.__name__
    }
    assert own <= CODES.keys()


def test_every_error_has_both_texts_and_a_kind_of_its_own() -> None:
    kinds = [kind.kind for kind in CODES]
    assert len(set(kinds)) == len(kinds)
    for kind in CODES:
        assert kind.text.ja
        assert kind.text.en
