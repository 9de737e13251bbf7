"""Whether the holder of a lease still runs, asked of the kernel: never of another machine's processes."""

import os
import subprocess
import sys

from issuer.issuance import lease


def _owner_of_a_process_that_ended() -> str:
    code = "from issuer.issuance import lease; print(lease.new_owner())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return done.stdout.strip()


def test_this_process_runs() -> None:
    owners = [lease.new_owner(), lease.new_owner()]
    assert owners[0] != owners[1], "two sealers of one process are two holders"
    assert lease.dead(owners) == []


def test_a_process_that_ended_is_dead() -> None:
    ended = _owner_of_a_process_that_ended()
    assert lease.dead([lease.new_owner(), ended]) == [ended]


def test_a_process_that_was_killed_and_not_yet_buried_is_dead() -> None:
    code = (
        "import time; from issuer.issuance import lease; print(lease.new_owner(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        owner = child.stdout.readline().strip()
        assert lease.dead([owner]) == []
        child.kill()
        # Waits for its death and leaves it to be buried: its output ends a moment before it is dead.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert lease.dead([owner]) == [owner]


def test_a_number_that_another_process_has_now_does_not_keep_a_lease() -> None:
    machine, process, started, end = lease.new_owner().split("-")
    earlier = f"{machine}-{process}-{int(started, 16) - 1:x}-{end}"
    assert lease.dead([earlier]) == [earlier]


def test_nothing_is_concluded_of_another_machine_or_of_names_it_does_not_know() -> None:
    _, *rest = _owner_of_a_process_that_ended().split("-")
    elsewhere = "-".join(["00000000", *rest])
    machine = lease.new_owner().partition("-")[0]
    unknown = ["", "x", "0" * 32, f"{machine}-x-y-z", f"{machine}-1"]
    assert lease.dead([elsewhere, *unknown]) == []


def test_a_name_fits_its_column() -> None:
    assert len(lease.new_owner()) <= 32
