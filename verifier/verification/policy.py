"""What a verifier accepts. A policy is a value: two verifiers differ in policy, never in code."""

from dataclasses import dataclass
from datetime import timedelta

from tegata.formats.vcdm.legacy import Legacy
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one verification.

    `accepts_test_identifiers`: organisations of the impossible prefecture 00; never in production.
    `requires_holder_binding`: refuse what its holder does not prove; `accepts_unbound` lets masters through, which
    are bound to nobody. `max_proof_age`: how old a holder's proof may be. `clock_skew` applies to proofs and dates.
    `legacy`: the older forms that are read; documents of VCDM 1.1 are, by rules of their own, and signatures of that time
    are not.
    """

    accepts_test_identifiers: bool = False
    requires_holder_binding: bool = True
    accepts_unbound: bool = False
    max_proof_age: timedelta = timedelta(minutes=10)
    clock_skew: timedelta = timedelta(seconds=60)
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS
    legacy: frozenset[Legacy] = frozenset({Legacy.VCDM_1_1})


#: Answers over OID4VP: the holder proves, test organisations are refused.
ONLINE = Policy()
#: A file that somebody handed in: nobody can prove anything, and the report says so.
FILE = Policy(requires_holder_binding=False, accepts_unbound=True)
