"""Lists of leads by name: read as people keep them, and a list that is lost or wrong never reads as no list at all."""

import pytest

from tests.e2e.place import Place
from tests.independent.server import Server

ALL = "find leads where status in [Fresh, Contacted, Qualified, Won, Lost]"
PRICES = (
    f'limits {{ at most 50 leads }}\n{ALL}\nadd action 1001 with note = "New price list" key "price list"\n'
)
RATED = f"{ALL} and rating != 5; set rating = 5"
SIX = [f"91900000000{i}" for i in range(6)]
LISTS = {
    "plain": "".join(f"{one[2:]}\n" for one in SIX).encode(),
    "a header, a second column, quotes, many spellings": (
        b'phone\n+91 90000 00000\n09000000001\n9000000002\n919000000003,asked on 3 April\n"919000000004"\n91-90000-00005 \n'
    ),
    "a byte order mark": b"\xef\xbb\xbf" + "\r\n".join(SIX).encode(),
}


@pytest.fixture
def server(server):
    for number, lead in enumerate(sorted(server.world.leads.values(), key=lambda lead: lead.created)):
        lead.fields |= {"phone": f"919000000{number:03d}", "rating": number % 4 + 1}
        lead.fields["status"] = ("Fresh", "Contacted", "Qualified", "Won", "Lost")[number % 5]
    return server


def left(plan):
    """Return the phones of the leads that a plan changes."""
    return {change["lead"]["identifier"] for step in plan["steps"] for change in step["changes"]}


def notes(plan):
    return [note for step in plan["steps"] for note in step["notes"]]


@pytest.fixture
def prices(place):
    (place.folder / "p.lead").write_text(PRICES, "utf-8")
    return place


@pytest.mark.parametrize("content", LISTS.values(), ids=LISTS)
def test_a_list_leaves_out_the_same_people_however_it_was_saved(prices, content):
    (prices.folder / "names.txt").write_bytes(content)
    plan = prices.plan("p.lead", "--exclude-file", "names.txt")
    assert len(left(plan)) == 34
    assert not left(plan) & set(SIX)
    assert left(prices.plan("p.lead", "--only-file", "names.txt")) == set(SIX)


def test_the_files_of_a_run_are_lists_too(prices, server):
    prices.leadops("run", "p.lead", "--yes", "--only", SIX[0], "--only", "+91 90000 00003")
    told = prices.runs[-1] / "success.csv"
    plan = prices.plan("-e", RATED, "--only-file", str(told))
    assert left(plan) <= {SIX[0], SIX[3]}
    assert left(prices.plan("p.lead", "--exclude-file", str(told))).isdisjoint({SIX[0], SIX[3]})


EMPTY = {
    "only": ("--only", ""),
    "exclude": ("--exclude", " "),
    "an empty file": ("--only-file", "empty.txt"),
    "only comments": ("--only-file", "comments.txt"),
    "only a header": ("--only-file", "header.csv"),
}


@pytest.fixture
def files(prices):
    for name, data in {
        "empty.txt": b"",
        "comments.txt": b"# nobody\n\n#\n",
        "header.csv": b"phone,name\n",
    }.items():
        (prices.folder / name).write_bytes(data)
    return prices


@pytest.mark.parametrize("flags", EMPTY.values(), ids=EMPTY)
def test_an_empty_list_is_refused_and_nothing_is_written(files, server, flags):
    done = files.leadops("run", "--yes", "p.lead", *flags, code=64)
    assert flags[0] in done.err
    assert not server.seen(writes=True)


def test_an_empty_file_of_those_to_leave_out_is_told(files):
    for name in ("empty.txt", "header.csv"):
        done = files.leadops("plan", "--format", "json", "p.lead", "--exclude-file", name)
        assert len(left(done.json)) == 40
        assert "names nobody" in done.err


def test_all_wrong_entries_are_told_at_once(prices):
    (prices.folder / "names.txt").write_text("919000000001\n919000000O01\nLead 00003\n", "utf-8")
    done = prices.leadops("plan", "p.lead", "--exclude-file", "names.txt", "--exclude", "nonsense", code=64)
    for part in ("line 2", "919000000O01", "line 3", "Lead 00003", "nonsense"):
        assert part in done.err


def test_names_that_match_no_lead_are_counted_in_every_form(prices):
    flags = [flag for one in (*SIX[:4], "+91 99999 99999", "919812345678") for flag in ("--exclude", one)]
    said = "--exclude: 6 names, 2 match no lead of this plan"
    done = prices.leadops("plan", "p.lead", "--pii", "show", *flags)
    assert said in done.out
    assert "919999999999" in done.out
    done = prices.leadops("plan", "--format", "json", "p.lead", *flags)
    assert any(note.startswith(said) for note in notes(done.json))
    assert said in done.err
    assert not prices.leadops("run", "--yes", "-q", "p.lead", *flags).err, "a register is as it should be"
    assert said in (prices.runs[-1] / "report.html").read_text("utf-8")
    assert "919999999999" not in prices.leadops("plan", "p.lead", "--pii", "mask", *flags).out


def test_a_list_of_which_no_name_matches_is_told_even_when_quiet(prices):
    for flags in (["--exclude", "919812345678"], ["--only", SIX[0], "--only", "919812345678"]):
        assert "matches no lead of this plan" in prices.leadops("plan", "-q", "p.lead", *flags).err


def test_only_that_leaves_nothing_is_refused(prices, server):
    done = prices.leadops("run", "--yes", "p.lead", "--only", "919812345678", code=64)
    assert "leaves nothing: 1 name, 1 matches no lead of this plan" in done.err
    done = prices.leadops("run", "--yes", "p.lead", "--only", SIX[0], "--exclude", SIX[0], code=64)
    assert "left out by --exclude" in done.err
    assert not server.seen(writes=True)


def test_only_those_who_need_nothing_any_more_is_no_mistake(place, server):
    line = f"{ALL}; set rating = 5"
    place.leadops("run", "--yes", "-e", line, "--only", SIX[3])
    assert place.plan("-e", line, "--only", SIX[3])["steps"][0]["changes"] == []
    place.leadops("plan", "-e", line, "--only", "919812345678", code=64)


STEPS = f'limits {{ at most 40 leads }}\nstep "Rate, then thank" {{ {ALL}; set rating = 5 }}\nstep "Call" {{ {ALL}; set city = Pune }}\n'


def test_steps_are_chosen_by_title_or_number(place):
    (place.folder / "s.lead").write_text(STEPS, "utf-8")

    def planned(*flags):
        return [bool(step["changes"]) for step in place.plan("s.lead", *flags)["steps"]]

    assert planned("--only", "call") == [False, True]
    assert planned("--only", "2") == [False, True]
    assert planned("--exclude", "2") == [True, False]
    (place.folder / "steps.txt").write_text("Rate, then thank\n", "utf-8")
    assert planned("--only-file", "steps.txt") == [True, False]
    assert left(place.plan("s.lead", "--only", "Call", "--only", SIX[3])) == {SIX[3]}
    done = place.leadops("plan", "s.lead", "--only", "3", code=64)
    assert "“3”" in done.err
    (place.folder / "numbers.csv").write_text("1,919000000001\n2,919000000002\n", "utf-8")
    place.leadops("plan", "s.lead", "--only-file", "numbers.csv", code=64)
    assert "did you mean “Call”" in place.leadops("plan", "s.lead", "--exclude", "Cal", code=64).err


def test_people_of_a_file_who_do_not_exist_yet_are_left_out_as_well(place, server):
    (place.folder / "new.csv").write_text(
        "phone,name\n919812345678,Asha\n919812345679,Ravi\n919000000001,Old\n", "utf-8"
    )
    (place.folder / "p.lead").write_text(
        'for each row in csv "new.csv" { match lead by phone = row.phone; on missing lead create }\nset city = Pune, name = row.name\n',
        "utf-8",
    )
    assert left(place.plan("p.lead", "--exclude", "+91 98123 45678")) == {"919812345679", "919000000001"}
    assert left(place.plan("p.lead", "--only", "9812345679")) == {"919812345679"}
    line = 'create lead with name = "Asha", phone = "919812345678"'
    place.leadops("plan", "-e", line, "--only", SIX[0], code=64)
    assert left(place.plan("-e", line, "--exclude", "9812345678")) == set()


def test_those_left_out_do_not_use_up_a_limit(place):
    line = f'{ALL}; newest first; limit 3; set city = "A new town"'
    first = sorted(left(place.plan("-e", line)))
    flags = [flag for one in first for flag in ("--exclude", one)]
    others = left(place.plan("-e", line, *flags))
    assert len(others) == 3
    assert not others & set(first)
    far = next(one for one in SIX if one not in first)
    assert left(place.plan("-e", line, "--only", far)) == {far}


def test_a_retry_takes_names_too(prices, server):
    done = prices.leadops("retry", "last", "--yes", "--only", "", code=64)
    assert "--only" in done.err


def test_a_long_list_costs_no_calls_and_a_time_that_grows_with_it(tmp_path):
    with Server(leads=50) as server:
        place = Place(tmp_path / "here", server)
        names = place.folder / "names.txt"
        line = "find leads where status = Won; set rating = 5"

        def calls(many):
            names.write_text("".join(f"9198{i:08d}\n" for i in range(many)), "utf-8")
            server.forget_calls()
            plan = place.plan("-e", line, "--exclude-file", "names.txt")
            assert any(f"{many:,} match" in note for note in notes(plan))
            return len(server.seen())

        calls(1)
        assert calls(8_000) == calls(10) <= 4
