"""Names that SD-JWT keeps for itself, and those that a format of credentials never lets anybody hide."""

from dataclasses import dataclass

#: They hold digests, wherever they stand (RFC 9901 §4.1).
DIGEST_NAMES = frozenset({"_sd", "..."})


@dataclass(frozen=True, slots=True)
class Reserved:
    """Claims at the top that are never hidden, nor anything inside them; `clause` is the format's."""

    names: frozenset[str]
    clause: str
