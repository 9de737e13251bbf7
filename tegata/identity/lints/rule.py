"""What a rule is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from cryptography import x509

from tegata.identity.profiles import Request

#: Whether a request, to be signed by this authority (None: by itself), meets a rule.
Check: TypeAlias = Callable[[Request, x509.Certificate | None], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it asks, where it comes from, and whether a certificate meets it."""

    name: str
    citation: str
    holds: Check
