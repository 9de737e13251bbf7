"""Two clerks at once, and a power cut in the middle: one import or none, never half of one."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from issuer import samples
from issuer.register.errors import ImportEnded, RegisterChanged
from issuer.register.service import AFTER_COMMIT, BEFORE_COMMIT
from tegata.errors import Conflict
from tests.issuer.register.conftest import Register
from tests.issuer.register.school import NOW, SCHOOL

_CONFIRM = """
import sys
from issuer.base import AUDIT
from issuer.register.service import VAULT_PURPOSE, RegisterService
from tegata.service import failpoints
from tegata.service.database import Database
from tegata.service.vault import Vault
from tests.issuer.register.school import NOW, SCHOOL

url, job_id, failpoint = sys.argv[1:]
failpoints.arm(failpoint)
service = RegisterService(Database(url, schema="public", package="issuer"), AUDIT, Vault(b"k" * 32, VAULT_PURPOSE))
service.confirm_import(SCHOOL, job_id, actor="clerk", now=NOW)
"""


def _confirm(register: Register, job_id: str) -> object:
    try:
        return register.service.confirm_import(SCHOOL, job_id, actor="clerk", now=NOW).new
    except Conflict as refused:
        return type(refused)


def _check(register: Register) -> str:
    return register.service.check_import(SCHOOL, samples.register(), actor="clerk", now=NOW).job_id


def test_one_import_confirmed_by_two_clerks_at_once_is_written_once(register: Register) -> None:
    job_id = _check(register)
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: _confirm(register, job_id), range(4)))
    assert outcomes.count(40) == 1
    assert outcomes.count(ImportEnded) == 3
    assert register.rows("learner") == 40


def test_of_two_imports_checked_against_one_register_only_one_is_written(register: Register) -> None:
    jobs = [_check(register), _check(register)]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda job_id: _confirm(register, job_id), jobs))
    assert sorted(map(str, outcomes)) == sorted(map(str, [40, RegisterChanged]))
    assert register.rows("learner") == 40
    assert register.rows("course_result") == 1601


def _killed_at(register: Register, job_id: str, failpoint: str) -> int:
    url = register.database.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", _CONFIRM, url, job_id, failpoint], check=False, cwd=Path(__file__).parents[3]
    )
    return done.returncode


def test_an_import_killed_before_its_commit_left_nothing_and_can_be_confirmed_again(
    register: Register,
) -> None:
    job_id = _check(register)
    assert _killed_at(register, job_id, BEFORE_COMMIT) == -signal.SIGKILL
    assert (register.rows("learner"), register.rows("audit_row")) == (0, 0)
    assert _confirm(register, job_id) == 40


def test_an_import_killed_after_its_commit_is_whole_and_done(register: Register) -> None:
    job_id = _check(register)
    assert _killed_at(register, job_id, AFTER_COMMIT) == -signal.SIGKILL
    assert (register.rows("learner"), register.rows("course_result")) == (40, 1601)
    assert _confirm(register, job_id) is ImportEnded
