"""How everything here is measured: processor time in short slices between slices of a reference, and the median.

A ratio is the subject's operations per processor second over the reference's; it holds on another machine, and with
busy neighbours, where seconds do not. Not for what happens in other processes; that is `servers`.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result. `target` is a bound, from below unless `is_limit`; None where there is none."""

    name: str
    value: float
    unit: str
    target: float | None = None
    is_limit: bool = False
    note: str = ""

    @property
    def is_reached(self) -> bool | None:
        """Whether the value is on the right side of its target."""
        if self.target is None:
            return None
        return self.value <= self.target if self.is_limit else self.value >= self.target


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds of slices, seconds in a slice, and how much is done where one pass is long."""

    rounds: int
    slice_seconds: float
    requests: int
    learners: int
    memory_documents: int
    sealed_for_memory: int
    every_database: bool = True


THOROUGH = Effort(9, 0.2, 300, 1000, 20_000, 2_000)
QUICK = Effort(3, 0.03, 24, 0, 76, 10, every_database=False)


@dataclass(frozen=True)
class Raw:
    """Raw ECDSA P-256 over a digest-sized message, as the cryptography package does it: what everything is compared with."""

    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    _message: bytes = bytes(32)

    @cached_property
    def _signature(self) -> bytes:
        return self._key.sign(self._message, ec.ECDSA(hashes.SHA256()))

    @cached_property
    def _public(self) -> ec.EllipticCurvePublicKey:
        return self._key.public_key()

    def sign(self) -> None:
        """Sign once."""
        self._key.sign(self._message, ec.ECDSA(hashes.SHA256()))

    def verify(self) -> None:
        """Verify once."""
        self._public.verify(self._signature, self._message, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class RawEd25519:
    """Raw Ed25519 over a message of 64 bytes, which is what eddsa-rdfc-2022 signs: two digests."""

    _key: ed25519.Ed25519PrivateKey = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    _message: bytes = bytes(64)

    @cached_property
    def _signature(self) -> bytes:
        return self._key.sign(self._message)

    @cached_property
    def _public(self) -> ed25519.Ed25519PublicKey:
        return self._key.public_key()

    def sign(self) -> None:
        """Sign once."""
        self._key.sign(self._message)

    def verify(self) -> None:
        """Verify once."""
        self._public.verify(self._signature, self._message)


RAW = Raw()
RAW_ED25519 = RawEd25519()


def seconds_each(work: Work, slice_seconds: float, times: int = 1) -> float:
    """Run for a slice of processor time; returns the processor seconds of one operation (`times` in each call)."""
    count, begin = 0, time.process_time()
    now = begin
    while now - begin < slice_seconds:
        work()
        count += times
        now = time.process_time()
    return (now - begin) / count


def ratio(work: Work, reference: Work, effort: Effort, times: int = 1) -> float:
    """Return the operations of `work` per reference operation, each slice between two slices of the reference."""
    work()
    found = []
    for _ in range(effort.rounds):
        before = seconds_each(_often(reference), effort.slice_seconds / 3, _OFTEN)
        own = seconds_each(work, effort.slice_seconds, times)
        after = seconds_each(_often(reference), effort.slice_seconds / 3, _OFTEN)
        found.append((before + after) / 2 / own)
    return statistics.median(found)


_OFTEN = 20


def _often(work: Work) -> Work:
    def many() -> None:
        for _ in range(_OFTEN):
            work()

    return many


def reference_seconds(effort: Effort) -> tuple[float, float]:
    """Return the processor seconds of one raw signature and of one raw verification, now."""
    return (
        seconds_each(_often(RAW.sign), effort.slice_seconds, _OFTEN),
        seconds_each(_often(RAW.verify), effort.slice_seconds, _OFTEN),
    )


def table(rows: Sequence[Row]) -> str:
    """Write the rows for people."""
    width = max(len(row.name) for row in rows)
    lines = []
    for row in rows:
        target = ""
        if row.target is not None:
            sign = "≤" if row.is_limit else "≥"
            target = f"{sign} {row.target:g}  {'✓' if row.is_reached else '✗'}"
        line = f"{row.name:<{width}}  {row.value:>10.4g} {row.unit:<22} {target:<12} {row.note}"
        lines.append(line.rstrip())
    return "\n".join(lines)
