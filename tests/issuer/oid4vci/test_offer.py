"""Credential offers (OID4VCI 1.0 §4): both forms, and nothing about a person in them."""

from urllib.parse import parse_qs, urlsplit

import pytest

from issuer.oid4vci.offer import (
    MAX_DESCRIPTION,
    PRE_AUTHORIZED_CODE,
    TransactionCode,
    by_reference,
    by_value,
    credential_offer,
)
from tegata.codec import json

ISSUER = "https://issuer.example/jp/reiji/s/abc"
NAMES = ("graduation-sd-jwt", "graduation-ldp")

pytestmark = pytest.mark.clause("OID4VCI 1.0 §4.1.1")


def test_an_offer_names_issuer_configurations_and_code_and_nothing_else() -> None:
    assert credential_offer(ISSUER, NAMES, "code", None) == {
        "credential_issuer": ISSUER,
        "credential_configuration_ids": list(NAMES),
        "grants": {PRE_AUTHORIZED_CODE: {"pre-authorized_code": "code"}},
    }


def test_an_offer_with_a_transaction_code_says_how_it_looks_and_not_what_it_is() -> None:
    grant = credential_offer(ISSUER, NAMES, "code", TransactionCode())["grants"][PRE_AUTHORIZED_CODE]
    assert grant["tx_code"]["input_mode"] == "numeric"
    assert grant["tx_code"]["length"] == 6
    assert "確認番号" in grant["tx_code"]["description"]
    assert set(grant["tx_code"]) == {"input_mode", "length", "description"}


def test_a_description_is_as_long_as_it_may_be() -> None:
    long = TransactionCode(description="あ" * 1_000).as_json()
    assert len(long["description"]) == MAX_DESCRIPTION


@pytest.mark.clause("OID4VCI 1.0 §4.1.2")
def test_an_offer_by_value_carries_itself() -> None:
    offer = credential_offer(ISSUER, NAMES, "code+/=&?#", TransactionCode())
    link = urlsplit(by_value(offer))
    query = parse_qs(link.query, strict_parsing=True)
    assert link.scheme == "openid-credential-offer"
    assert list(query) == ["credential_offer"]
    assert json.loads(query["credential_offer"][0]) == offer


@pytest.mark.clause("OID4VCI 1.0 §4.1.3")
def test_an_offer_by_reference_carries_its_address() -> None:
    address = f"{ISSUER}/offers/abc?x=1&y=2"
    link = urlsplit(by_reference(address))
    assert parse_qs(link.query, strict_parsing=True) == {"credential_offer_uri": [address]}
