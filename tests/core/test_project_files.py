"""The door for files of a project: inside the folder, by no link, regular files only."""

import os
import socket
from pathlib import Path

import pytest

from leadops.core.project_files import FileRefused, belongs, inside, read_inside, refuse_links


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "project"
    (folder / "lib").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "lib" / "b.txt").write_text("b")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.mark.parametrize("path", ["a.txt", "./a.txt", "lib/../a.txt", "lib/b.txt", "lib//b.txt"])
def test_a_regular_file_is_read(root, path):
    assert read_inside(root, Path(path)) in {b"a", b"b"}
    assert read_inside(root, root / path) == read_inside(root, Path(path))


def test_a_hard_link_is_a_regular_file(root):
    os.link(root / "a.txt", root / "hard.txt")
    assert read_inside(root, Path("hard.txt")) == b"a"


def test_the_project_itself_may_be_reached_by_a_link(root, tmp_path):
    (tmp_path / "here").symlink_to(root)
    assert read_inside(tmp_path / "here", Path("lib/b.txt")) == b"b"


LINKS = {
    "to a file outside": lambda root: (root / "x").symlink_to(root.parent / "secret.txt"),
    "to a file inside": lambda root: (root / "x").symlink_to(root / "a.txt"),
    "to nothing": lambda root: (root / "x").symlink_to(root / "nothing"),
    "to itself": lambda root: (root / "x").symlink_to(root / "x"),
    "relative": lambda root: (root / "x").symlink_to("../secret.txt"),
}


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_is_not_followed(root, kind):
    LINKS[kind](root)
    with pytest.raises(FileRefused, match="symbolic link"):
        read_inside(root, Path("x"))
    with pytest.raises(FileRefused, match="symbolic link"):
        refuse_links(root, Path("x"))


@pytest.mark.parametrize("target", ["..", "lib"])
def test_a_linked_folder_on_the_way_is_not_entered(root, target):
    (root / "deep").mkdir()
    (root / "deep" / "folder").symlink_to((root / target).resolve())
    for name in ("secret.txt", "b.txt"):
        with pytest.raises(FileRefused, match="symbolic link"):
            read_inside(root, Path("deep/folder") / name)
    with pytest.raises(FileRefused, match="symbolic link"):
        refuse_links(root, Path("deep/folder/new/out.md"))


@pytest.mark.parametrize(
    "path", ["../secret.txt", "lib/../../secret.txt", "/etc/passwd", "/dev/stdin", "/dev/null", ".."]
)
def test_what_lies_outside_is_refused(root, path):
    assert inside(root, Path(path)) is None
    with pytest.raises(FileRefused, match="outside"):
        read_inside(root, Path(path))


def _fifo(root):
    os.mkfifo(root / "x")


def _socket(root):
    made = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(root)  # the name of a socket is short
    try:
        made.bind("x")
    finally:
        os.chdir(here)
        made.close()


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "make", [_fifo, _socket, lambda root: (root / "x").mkdir()], ids=["fifo", "socket", "folder"]
)
def test_only_a_regular_file_is_opened_and_nothing_is_waited_for(root, make):
    make(root)
    with pytest.raises(FileRefused, match="regular"):
        read_inside(root, Path("x"))


def test_what_is_too_large_is_refused(root):
    assert read_inside(root, Path("a.txt"), largest=1) == b"a"
    (root / "a.txt").write_text("aa")
    with pytest.raises(FileRefused, match="larger"):
        read_inside(root, Path("a.txt"), largest=1)


@pytest.mark.parametrize("path", ["none.txt", "none/b.txt", "a.txt/b.txt"])
def test_a_missing_file_is_missing(root, path):
    with pytest.raises(FileNotFoundError):
        read_inside(root, Path(path))


def test_a_file_that_is_swapped_for_a_link_while_it_is_opened_is_not_followed(root, monkeypatch):
    opened = os.open

    def swapping(path, *arguments, **named):
        if path == "a.txt":
            (root / "a.txt").unlink()
            (root / "a.txt").symlink_to(root.parent / "secret.txt")
        return opened(path, *arguments, **named)

    monkeypatch.setattr(os, "open", swapping)
    with pytest.raises(FileRefused, match="symbolic link"):
        read_inside(root, Path("a.txt"))


def test_a_file_belongs_to_the_project_as_written_or_as_linked(root, tmp_path):
    (tmp_path / "link.txt").symlink_to(root / "a.txt")
    assert belongs(root, Path("a.txt"))
    assert belongs(root, tmp_path / "link.txt")
    assert not belongs(root, tmp_path / "secret.txt")
