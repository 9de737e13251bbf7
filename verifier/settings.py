"""Settings of the verifier, from the environment (`TEGATA_VERIFIER_…`)."""

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from tegata.formats.vcdm.legacy import Legacy
from tegata.service.settings import Mode, ServiceSettings, read
from verifier.oid4vp.request import Prefix


class VerifierSettings(ServiceSettings):
    """What the verifier needs beyond the common settings.

    `trust_anchor_file` holds the pinned anchors in PEM; the list comes from `trust_list_url`, or was loaded from a
    file by hand. `client_id_prefix` is how requests name their sender; `redirect_uri` is unsigned and for tests only.
    `vc_api_failure_status` is how the W3C API answers what is not verified: its texts and its test suites disagree.
    `accepted_old_forms` are signatures of before VCDM 2.0 that are read, none unless named (as a JSON list).
    Times are in seconds; `keep_days` is how long answers and reports are kept.
    """

    model_config = SettingsConfigDict(env_prefix="TEGATA_VERIFIER_", extra="ignore", frozen=True)

    trust_anchor_file: Path | None = None
    trust_list_url: str = ""
    trust_list_refresh: int = Field(default=6 * 3600, ge=60)
    client_id_prefix: Prefix = Prefix.X509_HASH
    encrypt_answers: bool = True
    request_lifetime: int = Field(default=600, ge=30, le=30 * 86_400)
    max_proof_age: int = Field(default=600, ge=30, le=3600)
    status_max_age: int = Field(default=12 * 3600, ge=1)
    vc_api_failure_status: Literal[200, 400, 422] = 400
    accepted_old_forms: frozenset[Legacy] = frozenset()
    session_idle: int = Field(default=30 * 60, ge=60)
    keep_days: int = Field(default=30, ge=1, le=3650)

    @model_validator(mode="after")
    def _unsigned_requests_are_for_tests(self) -> Self:
        if self.client_id_prefix is Prefix.REDIRECT_URI and self.mode is not Mode.TEST:
            raise ValueError("client_id_prefix redirect_uri is unsigned: allowed in test mode only")
        if not self.encrypt_answers and self.mode is Mode.PRODUCTION:
            raise ValueError("answers are encrypted in production")
        return self

    @property
    def keeping(self) -> timedelta:
        """How long answers and reports are kept."""
        return timedelta(days=self.keep_days)


@lru_cache(maxsize=1)
def load() -> VerifierSettings:
    """Read the settings from the environment, once."""
    return read(VerifierSettings)
