"""A plan that may not be applied leaves no trace of a run behind."""


def test_a_second_apply_is_refused_and_leaves_no_run_behind(leadops, home):
    line = "find leads where status = Won limit 2; set rating = 4"
    assert leadops("plan", "--sandbox", "-o", "p.json", "-e", line)[0] == 0
    code, _, err = leadops("apply", "--sandbox", "--yes", "p.json")
    assert code == 0, err
    (run,) = (home / ".leadops" / "runs").iterdir()
    code, out, err = leadops("apply", "--sandbox", "--yes", "p.json")
    assert (code, out) == (5, "")
    assert "applied already" in err
    assert list((home / ".leadops" / "runs").iterdir()) == [run]
    assert leadops("report", "--path")[0] == 0
