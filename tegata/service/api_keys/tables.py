"""The table of API keys: what is stored cannot be used."""

from sqlalchemy import Column, MetaData, String, Table

from tegata.service.columns import Instant


def define_api_key_table(metadata: MetaData) -> Table:
    """Add the table to a service's metadata.

    `prefix` is a key's visible beginning, `digest` an HMAC of the whole; `scopes` are separated by spaces.
    """
    return Table(
        "api_key",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("tenant_id", String(32), nullable=False, index=True),
        Column("name", String(100), nullable=False),
        Column("prefix", String(16), nullable=False, unique=True),
        Column("digest", String(64), nullable=False),
        Column("scopes", String(200), nullable=False),
        Column("created_at", Instant(), nullable=False),
        Column("expires_at", Instant(), nullable=True),
        Column("revoked_at", Instant(), nullable=True),
        Column("used_at", Instant(), nullable=True),
    )
