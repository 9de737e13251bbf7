"""OpenID for Verifiable Credential Issuance 1.0, the issuer's side, as a pure engine.

`offer` · `metadata` · `token` · `nonce` · `proof` · `credential` · `notification` · `errors`. No file here knows HTTP,
a database or the clock: values in, values out. `issuer.wallet_api` is the edge that calls it.
"""
