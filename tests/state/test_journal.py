"""The journal: durable, private, of one writer's hand, and honest about what it holds."""

import asyncio
import sqlite3
import stat

import pytest

from leadops.core.errors import ConfigurationError, RefusedError, StalePlanError, TemporaryError
from leadops.model.journal import Intent, MadeState, OpState, RunRecord, RunState, Settled, Unsent
from leadops.state.journal import Journal
from leadops.state.journal_schema import VERSION

RUN = RunRecord("r1", "e1", "p1", "Title", "d1", "d1@1", "/runs/r1", RunState.RUNNING, 1000)


def intent(key="k1", attempt=1, lead="l1", payload="x"):
    return Intent("r1", key, attempt, 0, "append", lead, "1001", payload, 2000 + attempt, once=True)


def settled(key="k1", outcome="changed", action="a1", lead="l1", reason="", detail=""):
    return Settled(
        "r1", key, outcome, "reply", reason, action, lead, detail, 3000, 0, "append", "1001", "x", once=True
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def journal(path):
    with Journal.open(path, lineage="abc", threaded=False) as opened:
        opened.begin_run(RUN, {"rule"})
        yield opened


def test_the_file_and_its_folder_are_private(journal, path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_syncs_every_commit_and_leaves_no_other_file(journal, path):
    said = {name: journal._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode", "foreign_keys", "trusted_schema")}  # fmt: skip
    assert said == {"synchronous": 3, "journal_mode": "truncate", "foreign_keys": 1, "trusted_schema": 0}
    journal.write([intent()])
    assert {one.name for one in path.parent.iterdir()} <= {"journal.db", "journal.db-journal"}


def test_an_intent_outlives_the_process_that_wrote_it(journal, path):
    journal.write([intent()])
    journal.close()
    with Journal.open(path, lineage="other", threaded=False) as again:
        assert again.lineage == "abc"
        op = again.ops("r1")["k1"]
        assert (op.state, op.attempt, op.intent_ms) == (OpState.INTENT, 1, 2001)
        assert again.made(["k1"])["k1"].state is MadeState.INTENT


def test_an_append_is_known_by_its_key_once_it_is_made(journal):
    journal.write([intent(), settled()])
    made = journal.made(["k1", "k2"])
    assert set(made) == {"k1"}
    assert (made["k1"].state, made["k1"].action_id, made["k1"].run) == (MadeState.MADE, "a1", "r1")
    assert journal.owned_actions("l1", "1001") == {"a1"}


@pytest.mark.parametrize("outcome", ["rejected", "ignored_by_crm", "stale"])
def test_an_append_that_was_not_made_may_be_planned_again(journal, outcome):
    journal.write([intent(), settled(outcome=outcome, action=None)])
    assert journal.made(["k1"]) == {}


def test_an_append_in_doubt_is_neither_made_nor_free(journal):
    journal.write([intent(), settled(outcome="in_doubt", action=None)])
    assert journal.made(["k1"])["k1"].state is MadeState.DOUBT
    assert journal.open_twins("l1", "1001", "x") == {("r1", "k1")}


def test_a_request_known_to_be_lost_leaves_the_key_free_and_the_attempt_counted(journal):
    journal.write([intent(), Unsent("r1", "k1", 2500, "refused to connect")])
    assert journal.made(["k1"]) == {}
    op = journal.ops("r1")["k1"]
    assert (op.state, op.attempt) == (OpState.UNSENT, 1)


def test_many_keys_are_asked_for_at_once(journal):
    for number in range(3):
        journal.write([intent(f"k{number}"), settled(f"k{number}")])
    assert len(journal.made([f"k{number}" for number in range(2000)])) == 3


def test_a_plan_is_taken_once(journal):
    with pytest.raises(StalePlanError, match="applied already, by run r1"):
        journal.begin_run(RUN)
    assert journal.applied("d1@1") == "r1"
    assert journal.applied("d1@2") is None


def test_rules_are_remembered(journal):
    assert journal.knows_rule("rule")
    assert not journal.knows_rule("another")


def test_a_run_is_found_by_the_beginning_of_its_id(journal):
    assert journal.run("r") == journal.run("r1") == journal.runs()[0]
    assert journal.run("x") is None


def test_the_serial_grows_with_every_commit(journal, path):
    before = journal.serial
    journal.write([intent()])
    assert journal.serial == before + 1


def test_workers_that_write_at_once_share_a_commit(journal):
    async def main():
        await asyncio.gather(*(journal.record(intent(f"k{number}")) for number in range(50)))

    before = journal.serial
    asyncio.run(main())
    assert len(journal.ops("r1")) == 50
    assert journal.serial - before <= 3


def test_a_thread_of_its_own_writes_for_the_workers(path):
    async def main(journal):
        await asyncio.gather(*(journal.record(intent(f"k{number}")) for number in range(50)))

    with Journal.open(path, lineage="abc") as journal:
        journal.begin_run(RUN)
        asyncio.run(main(journal))
        assert len(journal.ops("r1")) == 50
        assert journal.audit() == []


# ── damage ───────────────────────────────────────────────────────────────────────────────────────


def test_a_full_disk_keeps_what_was_there(journal):
    journal.write([intent()])
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(TemporaryError, match="journal cannot be written"):
        journal.write([intent(f"long{number}") for number in range(500)])
    assert set(journal.ops("r1")) == {"k1"}
    journal._connection.execute("PRAGMA max_page_count=100000")
    journal.write([intent("k2")])
    assert journal.audit() == []


def test_all_workers_of_a_failed_commit_are_told(journal):
    async def main():
        jobs = (journal.record(intent(f"{number}" * 40)) for number in range(300))
        return await asyncio.gather(*jobs, return_exceptions=True)

    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages}")
    said = asyncio.run(main())
    assert all(isinstance(one, TemporaryError) for one in said)
    assert journal.ops("r1") == {}


def test_a_newer_journal_is_refused_and_not_touched(journal, path):
    journal._connection.execute(f"PRAGMA user_version={VERSION + 1}")
    journal.close()
    before = path.read_bytes()
    with pytest.raises(RefusedError, match=f"version {VERSION + 1}"):
        Journal.open(path, lineage="abc")
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["header", "cut", "zeroed"])
def test_a_damaged_journal_is_refused(journal, path, damage):
    journal.write([intent(f"k{number}") for number in range(300)])
    journal.close()
    data = bytearray(path.read_bytes())
    if damage == "header":
        data[:16] = b"not a database!!"
    elif damage == "cut":
        data = data[: len(data) // 2]
    else:
        for page in range(2, len(data) // 4096):
            data[page * 4096 : (page + 1) * 4096] = bytes(4096)
    path.write_bytes(data)
    with pytest.raises(RefusedError, match="damaged"):
        Journal.open(path, lineage="abc")


def flip(path, table, column, where):
    """Change a row behind the journal's back, as a flipped bit would."""
    with sqlite3.connect(path) as connection:
        for trigger in ("audit_is_not_changed", "audit_is_not_deleted"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(f"UPDATE {table} SET {column} = {column} || '?' WHERE {where}")
    connection.close()


@pytest.mark.parametrize(
    ("table", "column", "where"),
    [("audit", "body", "seq = 2"), ("op", "outcome", "key = 'k1'"), ("made", "payload", "key = 'k1'"),
     ("run", "title", "id = 'r1'"), ("rule", "name", "1 = 1")],
)  # fmt: skip
def test_a_flipped_bit_in_any_table_is_found(journal, path, table, column, where):
    journal.write([intent(), settled()])
    assert journal.audit() == []
    journal.close()
    flip(path, table, column, where)
    with Journal.open(path, lineage="abc", threaded=False) as again:
        assert table in {one.table for one in again.audit()}


def test_a_row_that_was_changed_is_not_used(journal, path):
    journal.write([intent(), settled()])
    journal.close()
    flip(path, "made", "payload", "key = 'k1'")
    with (
        Journal.open(path, lineage="abc", threaded=False) as again,
        pytest.raises(RefusedError, match="made"),
    ):
        again.made(["k1"])


def test_the_trail_can_only_grow(journal):
    for statement in ("DELETE FROM audit", "UPDATE audit SET event = ''"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            journal._connection.execute(statement)


def test_a_trail_that_was_cut_at_its_end_is_found(journal, path):
    journal.write([intent()])
    journal.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER audit_is_not_deleted")
        connection.execute("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    connection.close()
    with Journal.open(path, lineage="abc", threaded=False) as again:
        assert [one.message for one in again.audit() if one.table == "audit"]


def test_a_symbolic_link_in_its_place_is_refused(tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / "state" / "journal.db").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="symbolic link"):
        Journal.open(tmp_path / "state" / "journal.db", lineage="abc")


def test_forgetting_a_lead_empties_its_words_and_keeps_the_trail(journal, path):
    journal.write([intent(), settled(reason="Asha said no", detail='{"remarks": [], "fields": {}}')])
    assert journal.forget("l1", 4000) == 1
    op = journal.ops("r1")["k1"]
    assert (op.reason, op.detail, op.outcome) == ("", "", "changed")
    assert journal.audit() == []
    journal.close()
    assert b"Asha" not in path.read_bytes()


def test_a_hand_settles_a_doubt(journal):
    journal.write([intent(), settled(outcome="in_doubt", action=None)])
    journal.settle_by_hand(settled(outcome="rejected", action=None), again=False)
    assert journal.made(["k1"]) == {}
    assert journal.ops("r1")["k1"].outcome == "rejected"
    journal.settle_by_hand(settled(outcome="rejected", action=None), again=True)
    assert journal.ops("r1")["k1"].state is OpState.UNSENT
    assert journal.audit() == []
