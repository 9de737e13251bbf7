"""Settings of the issuer, from the environment (`TEGATA_ISSUER_…`)."""

from functools import lru_cache

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from tegata.service.settings import ServiceSettings, read


class IssuerSettings(ServiceSettings):
    """What the issuer needs beyond the common settings.

    `school_path` is the path below which schools live (`/s`, or several levels such as `/jp/example/s`); with the
    public origin it is part of every school's identifier and fixed once a document is sealed. Times are in seconds;
    `status_ttl` is how long a published status list may be cached: a day at most, so that every copy, also a verifier's
    of a cache's, is done with before the list ends (`issuer.status.publication.LIFETIME`).
    `mdoc_revocation_url` is where the operator publishes the list of revoked document-signer certificates, if it does: it
    goes into every certificate for mobile documents.
    """

    model_config = SettingsConfigDict(env_prefix="TEGATA_ISSUER_", extra="ignore", frozen=True)

    school_path: str = "/s"
    status_ttl: int = Field(default=3600, ge=60, le=86_400)
    trust_list_lifetime: int = Field(default=7 * 86_400, ge=3600)
    mdoc_revocation_url: str = ""
    claim_days: int = Field(default=90, ge=1, le=3650)
    session_idle: int = Field(default=30 * 60, ge=60)

    @field_validator("school_path")
    @classmethod
    def _path_is_plain(cls, value: str) -> str:
        parts = value.split("/")
        if parts[0] or len(parts) < 2 or not all(part and part.isascii() for part in parts[1:]):  # noqa: PLR2004
            raise ValueError("a path such as /s, without a trailing slash")
        return value

    def identifier_of(self, public_id: str) -> str:
        """Return the https identifier of a school."""
        return f"{self.public_origin}{self.school_path}/{public_id}"


@lru_cache(maxsize=1)
def load() -> IssuerSettings:
    """Read the settings from the environment, once."""
    return read(IssuerSettings)
