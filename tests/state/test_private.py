import os
import stat
from pathlib import Path

import pytest

from leadops.core.errors import ConfigurationError
from leadops.state.private import private_dir, private_file, write_private


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_new_folders_are_private_parents_included(tmp_path):
    deep = private_dir(tmp_path / "a" / "b")
    assert mode(deep) == mode(tmp_path / "a") == 0o700


def test_a_folder_open_to_others_is_closed(tmp_path):
    (tmp_path / "open").mkdir(mode=0o755)
    assert mode(private_dir(tmp_path / "open")) == 0o700


def test_a_file_open_to_others_is_closed_and_keeps_its_text(tmp_path):
    path = tmp_path / "file"
    path.write_text("kept")
    path.chmod(0o644)
    assert mode(private_file(path)) == 0o600
    assert path.read_text() == "kept"


def test_a_new_file_is_private_whatever_the_umask(tmp_path):
    old = os.umask(0)
    try:
        assert mode(private_file(tmp_path / "file")) == 0o600
        assert mode(private_dir(tmp_path / "folder")) == 0o700
    finally:
        os.umask(old)


@pytest.mark.parametrize("make", [private_dir, private_file, lambda path: write_private(path, b"x")])
def test_a_symbolic_link_is_refused(tmp_path, make):
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(ConfigurationError, match="symbolic link"):
        make(tmp_path / "link")


def test_a_dangling_link_is_refused(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError):
        private_file(tmp_path / "link")
    with pytest.raises(ConfigurationError):
        private_dir(tmp_path / "link")
    assert not (tmp_path / "nowhere").exists()


def test_a_file_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="no folder"):
        private_dir(tmp_path / "file")
    with pytest.raises(ConfigurationError, match="no file"):
        private_file(tmp_path)


def test_another_owner_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    with pytest.raises(ConfigurationError, match="another user"):
        private_file(tmp_path / "file")
    with pytest.raises(ConfigurationError, match="another user"):
        private_dir(tmp_path / "folder")


def test_writing_replaces_at_once_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "file"
    write_private(path, b"old")
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert mode(path) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_private(tmp_path / "missing" / "file", b"x")


def test_a_device_or_a_pipe_is_written_to_and_never_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_private(pipe, b"through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_full_device_says_so():
    with pytest.raises(ConfigurationError, match="No space left"):
        write_private(Path("/dev/full"), b"x")
