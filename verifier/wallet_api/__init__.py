"""OID4VP over HTTP: requests that wallets fetch, answers that they post, and the browser that comes back.

tables, store   one row for each request; every step is a compare-and-swap
service         the use cases
verifying       from a stored answer to a stored report
routes          what wallets and the applicant's browser call
errors          refusals in the protocol's form
"""
