"""Every refusal has the protocol's code, a status, and words in both languages."""

from collections.abc import Iterator

import pytest

from issuer.oid4vci import errors
from issuer.oid4vci.errors import Oid4vciRefused

#: RFC 6749 §5.2, RFC 6750 §3.1, OID4VCI 1.0 §8.3.1.2 and §11.3.
CODES = {
    "invalid_request",
    "invalid_grant",
    "unsupported_grant_type",
    "invalid_token",
    "invalid_credential_request",
    "unknown_credential_configuration",
    "unknown_credential_identifier",
    "invalid_proof",
    "invalid_nonce",
    "invalid_encryption_parameters",
    "credential_request_denied",
    "invalid_notification_request",
    "invalid_notification_id",
}


def _all(kind: type[Oid4vciRefused]) -> Iterator[type[Oid4vciRefused]]:
    for child in kind.__subclasses__():
        yield child
        yield from _all(child)


REFUSALS = sorted(_all(Oid4vciRefused), key=lambda kind: kind.__name__)


def test_the_classes_cover_the_protocols_codes_exactly() -> None:
    assert {kind.code for kind in REFUSALS} == CODES
    assert {kind.__module__ for kind in REFUSALS} == {errors.__name__}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda kind: str(kind.__name__))
def test_each_refusal_can_be_shown_to_people_and_programs(refusal: type[Oid4vciRefused]) -> None:
    assert refusal.status == (401 if issubclass(refusal, errors.InvalidToken) else 400)
    assert any("぀" <= character <= "鿿" for character in refusal.text.ja)
    assert refusal.text.en.isascii()
    assert '"' not in refusal.text.en
    assert "\\" not in refusal.text.en


def test_kinds_that_are_raised_differ() -> None:
    leaves = [kind for kind in REFUSALS if "kind" in vars(kind)]
    assert len({kind.kind for kind in leaves}) == len(leaves)
