"""Selective disclosure with linked data (ECDSA Cryptosuites 1.0 §3.4, BBS Cryptosuites 1.0 §3.2).

pointers    which parts of a JSON document somebody points at
grouping    the statements of a document, with labels that tell nothing, and which of them a selection says
values      proof values: their head, their CBOR, and what is refused in them
ecdsa_sd    ecdsa-sd-2023: one signature for each statement
bbs         bbs-2023: one signature over all of them, proven anew for each reader

An issuer makes a base proof, for the holder alone. The holder derives from it a proof for what is shown, and a verifier
accepts only derived ones. The suites know nothing of presentations: whom a credential is bound to says the holder's own
proof, as with every other suite.
"""
