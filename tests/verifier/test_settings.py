"""What the verifier's settings refuse."""

from typing import Any

import pytest
from pydantic import ValidationError

from verifier.settings import VerifierSettings

GOOD: dict[str, Any] = {"public_origin": "https://verifier.example", "database_url": "sqlite:///x"}


def test_production_is_the_default_and_signs_and_encrypts() -> None:
    settings = VerifierSettings(**GOOD)
    assert settings.mode == "production"
    assert settings.client_id_prefix == "x509_hash"
    assert settings.encrypt_answers


@pytest.mark.parametrize(
    "change",
    [
        {"client_id_prefix": "redirect_uri"},
        {"client_id_prefix": "redirect_uri", "mode": "demo"},
        {"encrypt_answers": False},
        {"test_identifiers": True},
        {"request_lifetime": 1},
        {"keep_days": 0},
        {"vc_api_failure_status": 500},
    ],
)
def test_what_is_for_tests_is_refused_elsewhere(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        VerifierSettings(**GOOD, **change)
