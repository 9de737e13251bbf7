"""Documents as linked data: JSON-LD 1.1 to statements with nothing lost, and their canonical form (RDFC-1.0).

json_ld    contexts, passed in and compiled once; expansion by pyld behind a gate
direct     the fast way, for what documents are nearly always made of
dataset    a document as statements, every value accounted for
nquads     statements as the text they are signed as
rdfc       canonical labels for nodes without a name

Contexts are never fetched. Knows nothing of credentials or proofs.
"""
