import asyncio
import os
import signal
import subprocess
import sys

import pytest

from leadops.core.clock import ManualClock, SystemClock
from leadops.core.errors import ConfigurationError, LockedError
from leadops.state.lock import Holder, WorkspaceLock

HOLDER = Holder(pid=os.getpid(), host="here", run="r-1", playbook="won.lead", since="2026-05-02T09:00:00Z")
OTHER = Holder(pid=1, host="there")

KEEPER = """
import asyncio, sys
from pathlib import Path
from leadops.core.clock import SystemClock
from leadops.state.lock import Holder, WorkspaceLock

async def main():
    async with WorkspaceLock(Path(sys.argv[1]), Holder(pid=4711, host="other", run="r-9"), SystemClock()):
        print("held", flush=True)
        sys.stdin.read()

asyncio.run(main())
"""


@pytest.fixture
def keeper(tmp_path):
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(tmp_path / "lock.sqlite")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def take(path, clock, holder=HOLDER, wait_s=0.0):
    async def go():
        async with WorkspaceLock(path, holder, clock, wait_s=wait_s) as lock:
            return lock.holder()

    return asyncio.run(go())


def test_the_holder_is_named_while_it_holds(tmp_path):
    path = tmp_path / "state" / "lock.sqlite"
    assert take(path, ManualClock(0)) == HOLDER
    assert not path.with_suffix(".json").exists()


def test_a_second_runner_in_the_same_process_is_locked_out(tmp_path):
    path = tmp_path / "lock.sqlite"

    async def go():
        async with WorkspaceLock(path, HOLDER, ManualClock(0)):
            with pytest.raises(LockedError) as caught:
                await WorkspaceLock(path, OTHER, ManualClock(0)).acquire()
            assert "run r-1" in caught.value.message
            # The attempt must not have freed the lock that it met.
            with pytest.raises(LockedError):
                await WorkspaceLock(path, OTHER, ManualClock(0)).acquire()
        await WorkspaceLock(path, OTHER, ManualClock(0)).acquire()

    asyncio.run(go())


def test_a_runner_in_another_process_is_named_at_once(keeper, tmp_path):
    with pytest.raises(LockedError, match="process 4711 on other, run r-9"):
        take(tmp_path / "lock.sqlite", ManualClock(0))


def test_a_killed_holder_frees_the_lock(keeper, tmp_path):
    keeper.send_signal(signal.SIGKILL)
    keeper.wait()
    assert take(tmp_path / "lock.sqlite", ManualClock(0)) == HOLDER


def test_waiting_ends_when_the_holder_leaves(keeper, tmp_path):
    async def go():
        lock = WorkspaceLock(tmp_path / "lock.sqlite", HOLDER, SystemClock(), wait_s=20.0)
        waiting = asyncio.create_task(lock.acquire())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        keeper.stdin.close()
        await waiting
        lock.release()

    asyncio.run(go())


def test_waiting_ends_when_the_time_is_over(keeper, tmp_path):
    clock = ManualClock(0)
    with pytest.raises(LockedError):
        take(tmp_path / "lock.sqlite", clock, wait_s=3.0)
    assert clock.monotonic() == pytest.approx(3.0)


def test_the_holder_can_say_more_about_itself(tmp_path):
    path = tmp_path / "lock.sqlite"

    async def go():
        async with WorkspaceLock(path, OTHER, ManualClock(0)) as lock:
            lock.name(HOLDER)
            with pytest.raises(LockedError, match="run r-1"):
                await WorkspaceLock(path, OTHER, ManualClock(0)).acquire()

    asyncio.run(go())


def test_an_unreadable_side_file_still_locks_out(keeper, tmp_path):
    (tmp_path / "lock.json").write_text("{")
    with pytest.raises(LockedError, match=r"another runner works on this workspace$"):
        take(tmp_path / "lock.sqlite", ManualClock(0))


def test_a_lock_file_that_is_none_is_a_matter_of_configuration(tmp_path):
    (tmp_path / "lock.sqlite").write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(ConfigurationError):
        take(tmp_path / "lock.sqlite", ManualClock(0))
