"""`schema diff`: 1 when something changed, or 2 with --detailed-exitcode, so that 1 is a failure only."""


def test_a_changed_workspace_ends_as_the_page_of_exit_codes_says(leadops, home):
    assert leadops("schema", "diff", "--sandbox", "--detailed-exitcode")[0] == 78
    assert leadops("schema", "pull", "--sandbox")[0] == 0
    for flags in ((), ("--detailed-exitcode",)):
        assert leadops("schema", "diff", "--sandbox", *flags)[0] == 0
    path = home / "leadops.schema.json"
    path.write_text(path.read_text("utf-8").replace('"Won"', '"Gone"'), "utf-8")
    for flags, code in (((), 1), (("--detailed-exitcode",), 2)):
        found, out, err = leadops("schema", "diff", "--sandbox", *flags)
        assert (found, '"Gone"' in out) == (code, True), err
