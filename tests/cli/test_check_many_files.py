"""`check` of several files: what is wrong with one of them costs no finding of the others."""

GOOD = "find leads where status = Won limit 2\nset rating = 5\n"
TYPO = GOOD.replace("rating", "ratng")


def test_an_unknown_zone_in_one_file_is_a_finding_also_with_now(leadops, home):
    (home / "typo.lead").write_text(TYPO, "utf-8")
    (home / "zone.lead").write_text(f'timezone "Asia/Kolkatta"\n{GOOD}', "utf-8")
    (home / "folder.lead").write_text(f'timezone "Asia"\n{GOOD}', "utf-8")
    code, _, err = leadops(
        "check", "--sandbox", "--now", "2026-05-02T09:00", "zone.lead", "folder.lead", "typo.lead"
    )
    assert code == 1, err
    assert "there is no time zone “Asia/Kolkatta”" in err
    assert "there is no time zone “Asia”" in err
    assert "“ratng”" in err


def test_an_unknown_zone_of_the_profile_is_a_finding_also_with_now(leadops, home):
    (home / "leadops.toml").write_text('[profiles.default]\ntimezone = "Nowhere"\n', "utf-8")
    code, _, err = leadops("check", "--sandbox", "--now", "2026-05-02T09:00", "-e", GOOD)
    assert code == 1, err
    assert "the profile's timezone: there is no time zone “Nowhere”" in err


def test_a_file_that_is_not_there_costs_no_finding_of_the_others(leadops, home):
    (home / "typo.lead").write_text(TYPO, "utf-8")
    code, _, err = leadops("check", "--sandbox", "gone.lead", "typo.lead", "missing.lead")
    assert code == 64
    for text in ("there is no file gone.lead", "there is no file missing.lead", "“ratng”", "1 error"):
        assert text in err


def test_a_secret_on_the_command_line_costs_no_finding_of_the_others(leadops, home):
    (home / "typo.lead").write_text(TYPO, "utf-8")
    (home / "secret.lead").write_text(f"param key: secret\n{GOOD}", "utf-8")
    code, _, err = leadops("check", "--sandbox", "-p", "key=1", "secret.lead", "typo.lead")
    assert code == 64
    assert "is secret" in err
    assert "“ratng”" in err
