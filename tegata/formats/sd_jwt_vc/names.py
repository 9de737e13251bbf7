"""The claim names that SD-JWT VC keeps for itself."""

from tegata.formats.sd_jwt.names import Reserved

#: Never selectively disclosable at the top level, nor anything inside them (SD-JWT VC §2.2.2.2).
NEVER_SELECTIVE = Reserved(
    frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"}),
    "SD-JWT VC §2.2.2.2",
)
#: Written by the format, never taken from a document's claims (SD-JWT VC §2.2.2).
REGISTERED = Reserved(NEVER_SELECTIVE.names | {"iat", "_sd_alg"}, "SD-JWT VC §2.2.2.2")
