"""The pre-authorized code and the token request (OID4VCI 1.0 §6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from issuer.oid4vci import token
from issuer.oid4vci.errors import (
    InvalidGrant,
    InvalidRequest,
    TransactionCodeLocked,
    UnsupportedGrant,
    WrongTransactionCode,
)
from issuer.oid4vci.offer import PRE_AUTHORIZED_CODE
from tegata.codec import json

SECRET = b"s" * 32
ISSUER = "https://issuer.example/s/abc"
CODE_ID = "0123456789abcdef" * 2
CODE = token.make_code(SECRET, CODE_ID)
NOW = datetime(2026, 4, 1, 3, 20, 5, tzinfo=UTC)
DETAIL = {"type": "openid_credential", "credential_configuration_id": "graduation-sd-jwt"}

pytestmark = pytest.mark.clause("OID4VCI 1.0 §6.1")


def _form(**more: str) -> dict[str, str]:
    return {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": CODE} | more


def _parsed(details: Any) -> tuple[str, ...] | None:
    text = details if isinstance(details, str) else json.dumps(details).decode()
    return token.parse_request(_form(authorization_details=text), SECRET, ISSUER).configuration_ids


def test_a_request_names_the_row_of_its_code() -> None:
    request = token.parse_request(_form(), SECRET, ISSUER)
    assert (request.code_id, request.transaction_code, request.configuration_ids) == (CODE_ID, None, None)


def test_a_code_is_the_same_each_time_and_the_row_alone_gives_none() -> None:
    assert token.make_code(SECRET, CODE_ID) == CODE
    assert token.make_code(b"t" * 32, CODE_ID) != CODE
    assert token.make_code(SECRET, "f" * 32) != CODE


def test_parameters_that_are_not_known_are_ignored() -> None:
    """keycloak/keycloak#48188: an offer is bound to no client."""
    assert (
        token.parse_request(_form(client_id="any", scope="x", user_pin="1"), SECRET, ISSUER).code_id
        == CODE_ID
    )


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token", "", "PRE-AUTHORIZED_CODE"])
def test_another_grant_is_unsupported(grant: str) -> None:
    with pytest.raises(UnsupportedGrant):
        token.parse_request(_form(grant_type=grant), SECRET, ISSUER)
    with pytest.raises(UnsupportedGrant):
        token.parse_request({}, SECRET, ISSUER)


def test_a_missing_code_is_an_invalid_request_and_a_foreign_one_an_invalid_grant() -> None:
    for form in ({"grant_type": PRE_AUTHORIZED_CODE}, _form() | {"pre-authorized_code": ""}):
        with pytest.raises(InvalidRequest):
            token.parse_request(form, SECRET, ISSUER)


@pytest.mark.parametrize(
    "code",
    [
        token.make_code(b"t" * 32, CODE_ID),
        CODE[:-1],
        CODE + "A",
        CODE + "=",
        CODE.swapcase(),
        "A",
        "コード",
        "\x00",
        "A" * 5_000,
    ],
    ids=["other secret", "shorter", "longer", "padded", "other case", "one", "not ascii", "nul", "huge"],
)
def test_a_code_that_is_not_ours_is_an_invalid_grant(code: str) -> None:
    with pytest.raises(InvalidGrant):
        token.parse_request(_form() | {"pre-authorized_code": code}, SECRET, ISSUER)


@pytest.mark.clause("OID4VCI 1.0 §6.3")
@pytest.mark.parametrize(
    ("expected", "given", "is_refused"),
    [
        (False, None, False),
        (False, "", True),
        (False, "123456", True),
        (True, None, True),
        (True, "", True),
        (True, "123456", False),
        (True, "999999", False),
    ],
)
def test_a_transaction_code_is_there_exactly_when_it_is_expected(
    expected: bool, given: str | None, is_refused: bool
) -> None:
    """trustknots/vcknots#156, #30, #126: tx_code was declared and never enforced."""
    form = _form() if given is None else _form(tx_code=given)
    request = token.parse_request(form, SECRET, ISSUER)
    if not is_refused:
        token.check_presence(request, expected=expected)
        assert request.transaction_code == given
        return
    with pytest.raises(InvalidRequest):
        token.check_presence(request, expected=expected)


@pytest.mark.parametrize(
    "typed",
    [
        "123456",
        "１２３４５６",
        "12３4５6",
        " 123456 ",
        "123 456",
        "123-456",
        "１２３　４５６",
        "１２３－４５６",
        "123ー456",
        "123‐456",
    ],
)
def test_what_people_type_is_what_was_printed(typed: str) -> None:
    digest = token.transaction_code_digest(SECRET, "e", "123456")
    assert token.transaction_code_digest(SECRET, "e", typed) == digest


@pytest.mark.parametrize("typed", ["123457", "12345", "1234567", "", "一二三四五六", "12345O", "123456" * 50])
def test_another_number_stays_another_number(typed: str) -> None:
    digest = token.transaction_code_digest(SECRET, "e", "123456")
    assert token.transaction_code_digest(SECRET, "e", typed) != digest


def test_the_digest_of_a_transaction_code_belongs_to_one_entitlement_and_installation() -> None:
    digests = {
        token.transaction_code_digest(secret, entitlement, "123456")
        for secret in (SECRET, b"t" * 32)
        for entitlement in ("e", "f")
    }
    assert len(digests) == 4


def test_an_invitation_rests_for_a_quarter_of_an_hour_that_doubles_up_to_a_limit() -> None:
    rests = [token.rest_until(NOW, count) - NOW for count in range(13)]
    assert rests[:4] == [timedelta(minutes=15 * factor) for factor in (1, 2, 4, 8)]
    assert rests[10] == rests[11] == rests[12] == timedelta(minutes=15 * 1024)


@pytest.mark.clause("RFC 9396 §2")
def test_authorization_details_choose_among_what_is_offered() -> None:
    other = DETAIL | {"credential_configuration_id": "graduation-ldp"}
    assert _parsed([DETAIL]) == ("graduation-sd-jwt",)
    assert _parsed([DETAIL, other, DETAIL]) == ("graduation-sd-jwt", "graduation-ldp")
    assert _parsed([DETAIL | {"locations": [ISSUER], "claims": [], "unknown": {}}]) == ("graduation-sd-jwt",)


@pytest.mark.clause("RFC 9396 §5")
@pytest.mark.parametrize(
    "details",
    [
        "",
        "{",
        "null",
        {},
        [],
        [7],
        [{}],
        [DETAIL | {"type": "payment"}],
        [{"type": "openid_credential"}],
        [DETAIL | {"credential_configuration_id": None}],
        [DETAIL | {"credential_configuration_id": ["graduation-sd-jwt"]}],
        [DETAIL | {"locations": ["https://issuer.example/s/other"]}],
        [DETAIL | {"locations": ISSUER}],
        [DETAIL, {"type": "other"}],
        "[" * 5_000,
        " " * 20_000,
    ],
)
def test_authorization_details_that_do_not_fit_are_refused(details: Any) -> None:
    with pytest.raises(InvalidRequest):
        _parsed(details)


@pytest.mark.clause("OID4VCI 1.0 §6.2")
def test_a_token_response_names_identifiers_only_where_details_were_sent() -> None:
    plain = token.token_response("secret", timedelta(minutes=5), None)
    assert plain == {"access_token": "secret", "token_type": "Bearer", "expires_in": 300}
    named = token.token_response("secret", timedelta(minutes=5), ["graduation-sd-jwt"])
    (detail,) = named["authorization_details"]
    assert detail["credential_configuration_id"] == "graduation-sd-jwt"
    assert detail["credential_identifiers"] == [token.credential_identifier("graduation-sd-jwt")]
    assert "c_nonce" not in plain
    assert "c_nonce" not in named


def test_wrong_and_locked_transaction_codes_are_invalid_grants() -> None:
    wrong = WrongTransactionCode(4)
    assert wrong.code == TransactionCodeLocked("x").code == "invalid_grant"
    assert "4回" in wrong.public.ja
    assert "4 tries" in wrong.public.en
