"""The claim names that SD-JWT and SD-JWT VC keep for themselves."""

#: They hold digests, wherever they stand (RFC 9901 §4.1).
DIGEST_NAMES = frozenset({"_sd", "..."})
#: Never selectively disclosable at the top level, nor anything inside them (SD-JWT VC §2.2.2.2).
NEVER_SELECTIVE = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"})
#: Written by the format, never taken from a document's claims (SD-JWT VC §2.2.2).
REGISTERED = NEVER_SELECTIVE | {"iat", "_sd_alg"}
