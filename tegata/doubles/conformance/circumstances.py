"""What every request is answered with: the time, the contexts that are known, the double's status lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tegata.doubles.conformance.statuses import Statuses


@dataclass(frozen=True, slots=True)
class Circumstances:
    """One instant of the double."""

    now: datetime
    contexts: Mapping[str, bytes] = field(repr=False)
    statuses: Statuses = field(repr=False)
