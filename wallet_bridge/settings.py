"""Settings of the wallet bridge, from the environment (`TEGATA_BRIDGE_…`)."""

from functools import lru_cache

from pydantic_settings import SettingsConfigDict

from tegata.service.settings import ServiceSettings, read


class BridgeSettings(ServiceSettings):
    """The common settings; the bridge needs no more yet."""

    model_config = SettingsConfigDict(env_prefix="TEGATA_BRIDGE_", extra="ignore", frozen=True)


@lru_cache(maxsize=1)
def load() -> BridgeSettings:
    """Read the settings from the environment, once."""
    return read(BridgeSettings)
