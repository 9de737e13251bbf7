"""The ratio of a subject to a reference: slices of one between slices of the other, CPU time, the median of rounds."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

Subject = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One line of the result. `ratio` is the subject's rate divided by the reference's; `target` is 0 if there is none."""

    name: str
    reference: str
    ratio: float
    microseconds: float
    target: float = 0.0
    unit: str = "ratio"

    def as_json(self) -> dict[str, object]:
        """Return the row for programs."""
        return {
            "name": self.name,
            "reference": self.reference,
            "unit": self.unit,
            "value": round(self.ratio, 4),
            "microseconds": round(self.microseconds, 1),
            "target": self.target,
        }


@dataclass(frozen=True)
class Pace:
    """How long to measure."""

    rounds: int = 9
    slice_seconds: float = 0.25

    @classmethod
    def quick(cls) -> "Pace":
        """Return a pace that shows that everything runs, and little more."""
        return cls(rounds=3, slice_seconds=0.03)


def rate(subject: Subject, seconds: float) -> float:
    """Return calls per CPU-second, measured for about that long; at least one call is made."""
    began = time.process_time()
    count = 0
    spent = 0.0
    while spent < seconds:
        subject()
        count += 1
        spent = time.process_time() - began
    return count / spent


def compare(name: str, subject: Subject, reference: "Reference", pace: Pace, target: float = 0.0) -> Row:
    """Measure a subject between slices of its reference."""
    subject()
    ratios, times = [], []
    for _ in range(pace.rounds):
        before = rate(reference.run, pace.slice_seconds)
        own = rate(subject, pace.slice_seconds)
        after = rate(reference.run, pace.slice_seconds)
        ratios.append(own / ((before + after) / 2))
        times.append(1e6 / own)
    return Row(name, reference.name, statistics.median(ratios), statistics.median(times), target)


@dataclass(frozen=True)
class Reference:
    """What a subject is measured against."""

    name: str
    run: Subject


def references() -> dict[str, Reference]:
    """Return raw ES256 signing and verifying of a short message, by `sign` and `verify`."""
    key = ec.generate_private_key(ec.SECP256R1())
    message, algorithm = b"m" * 32, ec.ECDSA(hashes.SHA256())
    signature, public = key.sign(message, algorithm), key.public_key()
    return {
        "sign": Reference("raw ES256 sign", lambda: key.sign(message, algorithm)),
        "verify": Reference("raw ES256 verify", lambda: public.verify(signature, message, algorithm)),
    }
