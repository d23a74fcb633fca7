"""Each guard of the protocol is taken away, and the tests must notice. Run by ``make soak``."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEEDS = "tests/simulation/test_seeds.py"
EVIDENCE = "tests/engine/test_evidence_in_hand.py"
PEOPLE = "tests/simulation/test_people.py"
APPLY = "tests/engine/test_apply.py"
JOURNAL = "tests/state/test_journal.py"
CRASH = "tests/crash/test_kill_loop.py"

MUTATIONS = {
    "no intent before the request": (
        "leadops/engine/apply/sender.py",
        "            if not await sitting.intend(op, attempt, at_ms):\n                return None\n        crashpoint",
        "        crashpoint",
        SEEDS,
    ),
    "an unknown append is sent again at once": (
        "leadops/engine/apply/settle/in_doubt.py",
        "            await self._settle(1.0)\n            for last in (False, True):\n                if last:\n                    await self._pause(self.sitting.options.settle_s / 3)\n                rows = await self._read(lambda: self._window(change, lead_id))",
        "            for last in (False, True):\n                rows = ()",
        SEEDS,
    ),
    "no settle time": (
        "leadops/engine/apply/settle/in_doubt.py",
        "settle = self.sitting.options.settle_s * part * 1000",
        "settle = 0.0",
        SEEDS,
    ),
    "a read that fails counts as absent": (
        "leadops/engine/apply/settle/in_doubt.py",
        'return [self._doubtful(change, f"{self.doubt.why}; the timeline cannot be read: {error}")]\n        return await self._absent("the action is not',
        'pass\n        return await self._absent("the action is not',
        APPLY,
    ),
    "an action of another op is taken for ours": (
        "leadops/engine/apply/settle/in_doubt.py",
        "free = [row for row in rows if row.id is None or row.id not in owned]",
        "free = list(rows)",
        "tests/engine/test_reconcile.py",
    ),
    "an update is sent again without a look": (
        "leadops/engine/apply/settle/in_doubt.py",
        "        if not moved:\n            return await self._absent",
        "        if True:\n            return await self._absent",
        APPLY,
    ),
    "an echo is not compared": (
        "leadops/engine/apply/settle/outcome.py",
        "        if reached(value, one.before, one.after, one.type, country_code):\n            continue",
        "        if True:\n            continue",
        APPLY,
    ),
    "staleness is not judged": (
        "leadops/engine/apply/recheck/rejudge.py",
        "        if chain.seen is None:",
        "        if True:",
        APPLY,
    ),
    "cases and templates are not evaluated again": (
        "leadops/engine/apply/recheck/rejudge.py",
        "        if new or seen.facts is None:",
        "        if True:",
        "tests/engine/test_old_judgements.py",
    ),
    "a judgement never grows old": (
        "leadops/engine/apply/recheck/staleness.py",
        "        return -_BACK_MS <= self.sitting.now_ms() - chain.read_ms <= FRESH_MS",
        "        return chain.read_ms > 0",
        PEOPLE,
    ),
    "nobody asks when a request is handed over": (
        "leadops/engine/apply/sender.py",
        "    chain.flying = stands()\n    return chain.flying",
        "    chain.flying = True\n    return True",
        PEOPLE,
    ),
    "the client sends what is outdated": (
        "leadops/crm/transport.py",
        "                if ask.still is not None and not ask.still():",
        "                if False:",
        "tests/crm/test_writes.py",
    ),
    "a run's own writes count as other people's": (
        "leadops/engine/apply/recheck/staleness.py",
        "            found = await recheck(step, sitting.plan, sitting.reader, refs, around, own)",
        "            found = await recheck(step, sitting.plan, sitting.reader, refs, around)",
        PEOPLE,
    ),
    "a lead is read while a request of it is under way": (
        "leadops/engine/apply/recheck/staleness.py",
        "not (one.doubt or one.earlier or one.flying)",
        "not (one.doubt or one.flying)",
        PEOPLE,
    ),
    "stop when does not count what is under way": (
        "leadops/engine/apply/advance.py",
        "                await allowance.enter(chain.lead)",
        "                pass",
        "tests/engine/test_allowance.py",
    ),
    "nobody looks whom an answer is about": (
        "leadops/engine/apply/sender.py",
        "            case Delivery.ACKED if what := mismatch(first, reply, sitting):",
        "            case Delivery.ACKED if what := '':",
        EVIDENCE,
    ),
    "what an answer about another lead left open is sent again": (
        "leadops/engine/apply/settle/in_doubt.py",
        "        if self.chain.lead in self.sitting.misled:",
        "        if False:",
        EVIDENCE,
    ),
    "any lead made meanwhile is taken for ours": (
        "leadops/engine/apply/settle/adoption.py",
        "    return not other and any(",
        "    return True or any(",
        EVIDENCE,
    ),
    "an append follows a refused set": (
        "leadops/engine/apply/context/lead_queue.py",
        "        if change.kind in APPENDS and other.kind is Kind.UPDATE:",
        "        if False:",
        APPLY,
    ),
    "appends go on in an outage": (
        "leadops/engine/apply/context/budget.py",
        "            self.tripped = True",
        "            self.tripped = False",
        APPLY,
    ),
    "a plan may be applied again": (
        "leadops/engine/apply/executor.py",
        "    for earlier in journal.runs():",
        "    for earlier in ():",
        "tests/engine/test_guards_of_apply.py",
    ),
    "another store does not look at the timeline": (
        "leadops/engine/apply/advance.py",
        "        if not sitting.foreign:\n            return None",
        "        if True:\n            return None",
        APPLY,
    ),
    "a copy that was put back is trusted by resume": (
        "leadops/engine/operations/resume.py",
        "    foreign = left is None or is_foreign(",
        "    foreign = False and is_foreign(",
        "tests/engine/test_restored_state.py",
    ),
    "a copy that was put back is trusted by a plan": (
        "leadops/engine/apply/executor.py",
        "    foreign = is_foreign(saved, journal, options.marks)",
        "    foreign = False",
        "tests/engine/test_restored_state.py",
    ),
    "the history is remembered from before the commit": (
        "leadops/state/journal.py",
        '        serial, self._head = int(meta["serial"]) + 1, meta["head"]',
        '        serial, self._head = int(meta["serial"]) + 1, self._head',
        "tests/state/test_journal_beside.py",
    ),
    "a refused token does not stop the run": (
        "leadops/engine/apply/sender.py",
        '                sitting.halt(code, reply.message or "the service refuses the token")',
        "                pass",
        APPLY,
    ),
    "rows are not summed up": (
        "leadops/state/journal_reading.py",
        "    if checksum(values) != row[-1]:",
        "    if False:",
        JOURNAL,
    ),
    "the trail is not chained": (
        "leadops/state/journal_audit.py",
        "        if checksum(values) != own:",
        "        if False:",
        JOURNAL,
    ),
    "an outcome is committed before its intent": (
        "leadops/state/journal.py",
        'patiently(self._connection, "COMMIT", self._tell, "the journal")\n                except BaseException:',
        'patiently(self._connection, "ROLLBACK", self._tell, "the journal")\n                except BaseException:',
        JOURNAL,
    ),
    "interrupted intents are forgotten by resume": (
        "leadops/engine/apply/step_runner.py",
        "            if op.state is not OpState.UNSENT:",
        "            if False:",
        CRASH,
    ),
}


@pytest.mark.soak
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_guard_that_is_missing_is_noticed(name, tmp_path):
    path, old, new, tests = MUTATIONS[name]
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    for part in ("leadops", "tests", "grammar"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file = tmp_path / path
    text = file.read_text("utf-8")
    assert text.count(old) == 1, f"{path} no longer holds the guard of “{name}” exactly once"
    file.write_text(text.replace(old, new), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not soak", tests],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 1, f"nobody noticed: {name}\n{done.stdout[-2000:]}"


def test_every_guard_stands_where_the_list_says():
    for name, (path, old, _, tests) in MUTATIONS.items():
        assert (ROOT / path).read_text("utf-8").count(old) == 1, name
        assert (ROOT / tests).exists(), name
