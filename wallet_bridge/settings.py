"""Settings of the wallet bridge, from the environment (`TEGATA_BRIDGE_…`)."""

from functools import lru_cache

from pydantic_settings import SettingsConfigDict

from tegata.service.settings import ServiceSettings, read


class BridgeSettings(ServiceSettings):
    """The common settings, and whether `/credentials/derive` is served (`serves_derive`).

    Deriving needs no key and keeps nothing, but takes work and sees a whole credential: an operator serves it to programs of its
    own, behind its proxy.
    """

    model_config = SettingsConfigDict(env_prefix="TEGATA_BRIDGE_", extra="ignore", frozen=True)

    serves_derive: bool = False


@lru_cache(maxsize=1)
def load() -> BridgeSettings:
    """Read the settings from the environment, once."""
    return read(BridgeSettings)
