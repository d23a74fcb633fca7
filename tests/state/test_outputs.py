"""Files that the user names are private and whole; streams are written to."""

import asyncio
import os
import stat
import subprocess
import sys
import threading

import pytest

from leadops.core.errors import ConfigurationError
from leadops.state.cache import write_schema
from leadops.state.outputs import is_stream, write_output
from tests.workspace import sandbox_schema


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_private_whatever_it_was(tmp_path):
    path = tmp_path / "out.json"
    path.write_text("old, and longer than the new one")
    path.chmod(0o666)
    old = os.umask(0)
    try:
        write_output(path, [b"new", b"er"])
        write_output(tmp_path / "fresh", [b"x"])
    finally:
        os.umask(old)
    assert path.read_bytes() == b"newer"
    assert mode(path) == mode(tmp_path / "fresh") == 0o600


def test_a_file_that_fails_half_way_stays_as_it_was(tmp_path):
    path = tmp_path / "out.json"
    path.write_text("old")

    def parts():
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(ConfigurationError, match="No space left"):
        write_output(path, parts())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_to_a_file_is_refused_and_one_to_a_stream_followed(tmp_path):
    (tmp_path / "secret").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(ConfigurationError, match="symbolic link"):
        write_output(tmp_path / "link", [b"x"])
    assert (tmp_path / "secret").read_text() == "kept"
    (tmp_path / "null").symlink_to("/dev/null")
    write_output(tmp_path / "null", [b"x"])
    assert (tmp_path / "null").is_symlink()


def test_a_schema_is_for_others_and_no_link_is_followed(tmp_path):
    schema = asyncio.run(sandbox_schema())
    path = tmp_path / "leadops.schema.json"
    write_schema(path, schema)
    assert mode(path) == 0o644
    (tmp_path / "secret").write_text("kept")
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(ConfigurationError, match="symbolic link"):
        write_schema(path, schema)
    assert (tmp_path / "secret").read_text() == "kept"


def test_a_pipe_is_written_to(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert is_stream(path)
    read = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write_output(path, [b"through ", b"it"])
    reader.join(10)
    assert read == [b"through it"]
    assert is_stream(path)


def test_a_redirected_stdout_keeps_what_was_written_before(tmp_path):
    program = (
        "import sys; from pathlib import Path; from leadops.state.outputs import write_output\n"
        "print('before'); write_output(Path(sys.argv[1]), [b'it\\n']); print('after')"
    )
    for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        with (tmp_path / "all").open("wb") as file:
            subprocess.run([sys.executable, "-c", program, name], stdout=file, check=True, timeout=60)
        assert (tmp_path / "all").read_text() == "before\nit\nafter\n"
