"""From checks to verdicts."""

import pytest

from tegata.errors import Text
from verifier.verification.report import Check, CheckName, Outcome, Verdict, verdict_of

REASON = Text("理由", "reason")


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([], Verdict.UNDECIDED),
        (["skipped"], Verdict.UNDECIDED),
        (["passed"], Verdict.VALID),
        (["passed", "skipped"], Verdict.VALID),
        (["passed", "undecided"], Verdict.UNDECIDED),
        (["passed", "failed"], Verdict.INVALID),
        (["undecided", "failed"], Verdict.INVALID),
    ],
)
def test_invalid_wins_over_undecided_and_nothing_looked_at_is_never_valid(
    outcomes: list[str], verdict: Verdict
) -> None:
    checks = [Check(CheckName.FORMAT, Outcome(item), REASON) for item in outcomes]
    assert verdict_of(checks) is verdict
