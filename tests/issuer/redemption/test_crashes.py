"""kill -9 while a certificate is being used up: it is used or it is not, and who asks again learns which."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from issuer.redemption.errors import AlreadyRedeemed
from tests.issuer.redemption.conftest import LATER, Counter

ROOT = Path(__file__).parents[3]


def die(counter: Counter, failpoint: str, code: str, reference: str) -> None:
    """Redeem in a process of its own, which has to die at the failpoint."""
    settings, school = counter.ready.settings, counter.ready.school
    command = [
        sys.executable, "-m", "tests.simulators.crashing", "redeem", settings.database_url,
        str(settings.data_directory), failpoint, school.public_id, code, reference,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def test_a_redemption_that_was_not_committed_has_used_nothing(counter: Counter) -> None:
    code = counter.code(counter.issue("T2601"))
    die(counter, "redemption.before_commit", code, "sale 1")
    done = counter.service.redeem(counter.ready.school, code, LATER, reference="sale 2")
    assert (done.redeemed_at, done.is_repeated) == (LATER, False)


def test_a_redemption_that_was_committed_is_told_to_its_redeemer_again_and_to_nobody_else(
    counter: Counter,
) -> None:
    code = counter.code(counter.issue("T2602"))
    die(counter, "redemption.after_commit", code, "sale 1")
    with pytest.raises(AlreadyRedeemed) as caught:
        counter.service.redeem(counter.ready.school, code, LATER, reference="sale 2")
    again = counter.service.redeem(counter.ready.school, code, LATER, reference="sale 1")
    assert (again.redeemed_at, again.is_repeated) == (caught.value.redeemed_at, True)
