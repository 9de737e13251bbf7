"""OpenID for Verifiable Presentations 1.0, the verifier's side, as a pure engine: no HTTP, no database, no clock.

request        client identifiers, Request Objects, links for wallets
dcql           what is asked for, and whether what came satisfies it
response       the form or JWE that a wallet posts, against the query
transaction    one request from its making to its end; each state is a type
errors         every refusal, and the protocol's code for it
"""
