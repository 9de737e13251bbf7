"""From bytes to a report, with the lists of this installation: the numbered steps, and what they stand on.

The steps are `verifier.verification.service`; here is decided which trust list and which status lists they use, and
that an issuer who is not known is looked for once more in a newer list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from schemas.catalogue import Catalogue
from verifier.oid4vp.dcql import Query
from verifier.oid4vp.response import Presentation
from verifier.verification import texts
from verifier.verification.detecting import UnknownFormat, detect
from verifier.verification.issuers import TrustSnapshot
from verifier.verification.opened import Contexts
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName, Report
from verifier.verification.service import Challenge, Examination, Sources, complete, conclude, examine
from verifier.verification.status import StatusLists


class TrustLists(Protocol):
    """Where the list of issuers comes from."""

    def current(self, now: datetime) -> TrustSnapshot | None:
        """Return the newest believed list, if there is one."""

    def newer_than(self, snapshot: TrustSnapshot | None, now: datetime) -> TrustSnapshot | None:
        """Return a newer one than that, if there is one."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was found on an answer without the network, and what it was found with."""

    examinations: tuple[Examination, ...]
    sources: Sources
    policy: Policy

    @property
    def holder_proof_failed(self) -> bool:
        """Whether one of the presentations was made for somebody else, or by somebody else."""
        return any(item.holder_proof_failed for item in self.examinations)


@dataclass(frozen=True, slots=True)
class Assessor:
    """Examines answers and files."""

    trust: TrustLists
    status_lists: StatusLists
    catalogue: Catalogue
    contexts: Contexts
    policy: Policy

    def examine_answer(
        self,
        presentations: Sequence[Presentation],
        challenge: Challenge,
        now: datetime,
        received_at: datetime | None = None,
    ) -> Assessment:
        """Make the checks that need no network on an answer over OID4VP.

        Whether a holder must prove is each query's rule. Proofs are as old as they were when the answer came.
        """
        waited = now - received_at if received_at is not None else timedelta()
        policy = replace(self.policy, max_proof_age=self.policy.max_proof_age + waited)

        def all_of(sources: Sources) -> tuple[Examination, ...]:
            return tuple(
                examination
                for one in presentations
                for examination in examine(
                    one.as_bytes(),
                    one.query.format,
                    one.query.identifier,
                    sources=sources,
                    policy=_for_query(policy, asks_holder=one.query.holder_binding),
                    challenge=challenge,
                    now=now,
                )
            )

        return self._with_the_right_list(all_of, policy, now)

    def report(self, assessment: Assessment, query: Query | None, now: datetime) -> Report:
        """Look at the status lists and write the report."""
        for examination in assessment.examinations:
            complete(
                examination,
                sources=assessment.sources,
                policy=assessment.policy,
                status_lists=self.status_lists,
                now=now,
            )
        return conclude(assessment.examinations, query, sources=assessment.sources, now=now)

    def check_file(
        self, data: bytes, policy: Policy, now: datetime, challenge: Challenge | None = None
    ) -> Report:
        """Check a file or a credential that somebody handed in; what it is shows in its bytes.

        With a challenge, a holder's proof is looked at as well.
        """
        try:
            format_name = detect(data)
        except UnknownFormat:
            format_name = "unknown"

        def all_of(sources: Sources) -> tuple[Examination, ...]:
            return examine(
                data, format_name, "", sources=sources, policy=policy, challenge=challenge, now=now
            )

        return self.report(self._with_the_right_list(all_of, policy, now), None, now)

    def _with_the_right_list(
        self, all_of: Callable[[Sources], tuple[Examination, ...]], policy: Policy, now: datetime
    ) -> Assessment:
        """Examine with the list at hand, and once more if it does not know an issuer and a newer one is out."""
        sources = self._sources(self.trust.current(now))
        found = all_of(sources)
        if any(_is_unknown(item) for item in found):
            newer = self.trust.newer_than(sources.snapshot, now)
            if newer is not None:
                sources = self._sources(newer)
                found = all_of(sources)
        return Assessment(found, sources, policy)

    def _sources(self, snapshot: TrustSnapshot | None) -> Sources:
        return Sources(snapshot, self.catalogue, self.contexts)


def _for_query(policy: Policy, *, asks_holder: bool) -> Policy:
    if asks_holder:
        return policy
    return replace(policy, requires_holder_binding=False, accepts_unbound=True)


def _is_unknown(examination: Examination) -> bool:
    check = examination.checks.get(CheckName.ORGANISATION)
    return check is not None and check.reason in {
        texts.ORGANISATION_UNKNOWN,
        texts.ORGANISATION_NO_LIST,
        texts.ORGANISATION_NO_KEY,
    }
