"""The limit of calls holds in every verb: the server counts what each command really sends."""

from tests.e2e.expected import thanked, won

APPEND = "POST /lead/*/action"
WON = 'find leads where status = Won; set rating = 5; add action 1001 note "Thanks"'


def limited(most):
    return f"limits {{ at most {most} calls; at most 100 leads }}\n{WON}\n"


def counted(place, server, *arguments, most, code=None):
    """Run a command, which may make at most ``most`` calls; return it and how many it made."""
    server.forget_calls()
    done = place.leadops(*arguments, code=code)
    made = len(server.seen())
    assert made <= most, f"{arguments} made {made} calls under a limit of {most}: {done}"
    return done, made


def needed(place):
    """Return the most calls that a plan without a limit may make."""
    return place.plan("--max-leads", "100", "-e", WON)["calls"]["bound"]


def test_a_saved_plan_is_applied_within_the_limit_it_was_made_with(place, server):
    most = needed(place)
    (place.folder / "won.lead").write_text(limited(most))
    place.leadops("plan", "won.lead", "-o", "plan.json")
    server.faults.add(APPEND, "reset_after", times=None)  # each doubt is looked for: many reads
    done, made = counted(place, server, "apply", "plan.json", "--yes", most=most, code=3)
    assert made == most
    assert f"the limit of {most} calls is used up" in done.out + done.err
    server.faults.rules.clear()
    for _ in range(20):
        done, _ = counted(place, server, "resume", "--yes", most=most)
        if done.code == 0:
            break
    assert done.code == 0, done
    assert {thanked(lead) for lead in won(server.world).values()} == {1}


def test_a_flag_of_apply_and_resume_makes_the_limit_tighter(place, server):
    (place.folder / "won.lead").write_text(limited(200))
    place.leadops("plan", "won.lead", "-o", "plan.json")
    _, made = counted(place, server, "apply", "plan.json", "--yes", "--max-calls", "12", most=12, code=3)
    assert made == 12
    counted(place, server, "resume", "--yes", "--max-calls", "9", most=9, code=3)


def test_a_flag_of_plan_holds_in_apply(place, server):
    most = needed(place)
    place.leadops("plan", "--max-leads", "100", "--max-calls", most, "-o", "plan.json", "-e", WON)
    counted(place, server, "apply", "plan.json", "--yes", most=most)


def test_a_limit_of_an_included_file_holds_from_the_first_call(place, server):
    (place.folder / "team.lead").write_text("limits { at most 1 calls }\n")
    (place.folder / "won.lead").write_text('include "team.lead"\nlimits { at most 100 leads }\n' + WON + "\n")
    for verb in (("plan",), ("run", "--yes"), ("run", "--dry-run")):
        done, made = counted(place, server, *verb, "won.lead", most=1, code=75)
        assert made == 1
        assert "the limit of 1 calls is used up" in done.err


def test_of_two_files_the_tighter_limit_holds(place, server):
    (place.folder / "team.lead").write_text("limits { at most 20 calls }\n")
    (place.folder / "won.lead").write_text('include "team.lead"\n' + limited(500))
    counted(place, server, "run", "--yes", "won.lead", most=20)


def test_retry_holds_the_limit_of_its_run_and_so_does_what_goes_on_with_it(place, server):
    server.faults.add(APPEND, "ignore_action", times=None)
    (place.folder / "won.lead").write_text(limited(300))
    place.leadops("run", "--yes", "won.lead", code=3)
    server.faults.rules.clear()
    done, _ = counted(place, server, "retry", "--yes", "--max-leads", "100", "--max-calls", "12", most=12)
    assert done.code in (3, 4, 75), done
    if done.code == 3:
        counted(place, server, "resume", "--yes", most=12)


def test_undo_and_verify_hold_the_limit_and_say_how_to_loosen_it(place, server):
    (place.folder / "few.lead").write_text(
        "limits { at most 90 calls; at most 100 leads }\nfind leads where status = Won; set rating = 5\n"
    )
    place.leadops("run", "--yes", "few.lead")
    for verb in (("undo", "-o", "undo.lead"), ("verify",)):
        done, _ = counted(place, server, *verb, "--max-calls", "1", most=1)
        assert done.code == 0 or "--override-belt calls=N" in done.err
        loosened = ("--override-belt", "calls=50", "--reason", "once")
        counted(place, server, *verb, *loosened, most=50, code=0)
    place.leadops("undo", "-o", "undo.lead", "--override-belt", "calls=50", code=64)
    place.leadops("undo", "-o", "undo.lead", "--override-belt", "leads=50", "--reason", "x", code=64)


def test_an_override_of_the_plan_is_the_limit_of_its_run(place, server):
    (place.folder / "won.lead").write_text(limited(3))
    place.leadops(
        "plan", "won.lead", "-o", "plan.json", "--override-belt", "calls=400", "--reason", "the first night"
    )
    counted(place, server, "apply", "plan.json", "--yes", most=400, code=0)
    assert {thanked(lead) for lead in won(server.world).values()} == {1}


def test_the_calls_of_a_doubt_count_too(place, server):
    (place.folder / "won.lead").write_text(limited(200))
    server.faults.add(APPEND, "reset_after", times=None)
    server.faults.add("GET /lead/*/timeline*", "delay", times=None, seconds=0.01)
    counted(place, server, "run", "--yes", "won.lead", "--max-calls", "25", most=25)
