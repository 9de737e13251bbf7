"""API keys of a tenant's systems: made once, kept as digests, recognised at the door of a route.

A service defines its table with `define_api_key_table` and its scopes as a `StrEnum`, and makes one `ApiKeys`.
"""
