"""What `fmt` shows and writes."""

import os


def test_a_difference_is_whole_where_the_last_line_has_no_end(home, leadops):
    (home / "one.lead").write_text("find leads where status = Won\nset rating 5")
    code, out, _ = leadops("fmt", "--diff", "one.lead")
    assert code == 1
    assert out.splitlines()[-3:] == ["-set rating 5", "\\ No newline at end of file", "+set rating = 5"]


def test_a_file_is_written_once_and_then_left_alone(home, leadops):
    playbook = home / "one.lead"
    playbook.write_bytes(b"\xef\xbb\xbffind leads where status=Won;set rating 5 # stars\r\n")
    assert leadops("fmt", "one.lead")[0] == 0
    assert playbook.read_bytes() == b"find leads where status = Won\nset rating = 5  # stars\n"
    assert leadops("fmt", "--check", "one.lead") == (0, "", "")


def test_a_playbook_is_replaced_whole_or_not_at_all(leadops, home, monkeypatch):
    untidy = "find leads where status=Won; set rating 5\n"
    file = home / "a.lead"
    file.write_text(untidy)
    file.chmod(0o640)

    def full(number):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        code, _, err = leadops("fmt", "a.lead")
    assert (code, file.read_text()) == (64, untidy)
    assert "No space left" in err
    assert [path.name for path in home.iterdir() if path.is_file()] == ["a.lead"]
    assert leadops("fmt", "a.lead")[0] == 0
    assert file.read_text() != untidy
    assert file.stat().st_mode & 0o777 == 0o640
