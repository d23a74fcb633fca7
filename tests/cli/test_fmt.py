"""What `fmt` shows and writes."""


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
