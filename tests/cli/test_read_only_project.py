"""A project that cannot be written: runs are kept in the state store, and every verb finds them there."""

import errno
from pathlib import Path

import pytest

TEXT = "find leads where status = Won limit 2; set rating = 4"


@pytest.fixture
def read_only(home, monkeypatch):
    """Let the project be a read-only file system, for whoever runs the tests."""
    make = Path.mkdir

    def mkdir(path, *args, **given):
        if path.is_relative_to(home):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        make(path, *args, **given)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    return home


def test_a_run_of_a_read_only_project_is_kept_in_the_state_store(leadops, read_only):
    code, out, err = leadops("run", "--sandbox", "--yes", "-e", TEXT)
    assert code == 0, err
    assert "cannot be written: this run's files are in" in err
    assert "changed 2" in out
    assert not (read_only / ".leadops").exists()
    for verb in (("report", "last"), ("verify", "last"), ("runs",), ("undo", "last", "-o", "undo.lead")):
        code, out, err = leadops(*verb, "--sandbox")
        assert code == 0, (verb, err)
