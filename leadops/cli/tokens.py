"""Where a token comes from: the environment, a private file, a command of a trusted project, a keyring. Never a flag."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from leadops.core.errors import ConfigurationError
from leadops.core.fast_dataclass import record
from leadops.core.project_files import FileRefused, belongs, inside, read_inside, read_regular
from leadops.crm.secrets import Secret

_MOST = 64 * 1024
"""Bytes of a token file that are read."""
_WAIT = 20.0
"""Seconds that a token command may take."""


@record()
class TokenSource:
    """``token = { env = "NAME" }``, or file, command, keyring: exactly one. A token itself is never in the file."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid"}

    env: str | None = None
    file: str | None = None
    command: str | tuple[str, ...] | None = None
    keyring: str | None = None

    def __post_init__(self) -> None:
        if sum(value is not None for value in (self.env, self.file, self.command, self.keyring)) != 1:
            raise ValueError("name exactly one of env, file, command, keyring")

    def paths(self) -> tuple[str, ...]:
        """Return what may be paths in this source: the file's, or the words of the command."""
        if self.file is not None:
            return (self.file,)
        return _command_words(self.command) if self.command is not None else ()


def find_token(
    variable: str, source: TokenSource | None, env: Mapping[str, str], *, trusted: bool, root: Path
) -> Secret | None:
    """Return the token, or None when nothing names one, or the variable that is named is not set.

    Raises:
        ConfigurationError: a source is named but gives nothing, or is a command of a project that is not trusted.
    """
    text, origin = env.get(variable, "").strip(), f"the variable {variable}"
    if not text:
        if source is None:
            return None
        text, origin = read_source(source, env, trusted=trusted, root=root), _named(source)
    if not text and source is not None and source.env is not None:
        return None
    if not text:
        raise ConfigurationError(f"{origin} gave no token", f"or set {variable} in the environment")
    if any(char.isspace() for char in text):
        raise ConfigurationError(f"{origin} holds a text with blanks in it, which is no token")
    return Secret(text)


def _named(source: TokenSource) -> str:
    """Return how a source is called where it stands: never what it holds."""
    if source.env is not None:
        return f"the variable {source.env}"
    if source.file is not None:
        return f"the token file {source.file}"
    if source.command is not None:
        return "the token command of leadops.toml"
    return f"the keyring's entry “{source.keyring}”"


def read_source(source: TokenSource, env: Mapping[str, str], *, trusted: bool, root: Path) -> str:
    """Return the text that a source gives, trimmed."""
    if source.env is not None:
        return env.get(source.env, "").strip()
    if source.file is not None:
        return _from_file(source.file, trusted=trusted, root=root)
    if source.command is not None:
        return _from_command(source.command, env, trusted=trusted)
    assert source.keyring is not None
    return _from_keyring(source.keyring)


def _command_words(command: str | tuple[str, ...]) -> tuple[str, ...]:
    import shlex  # noqa: PLC0415 (few tokens come from a command)

    try:
        return tuple(shlex.split(command)) if isinstance(command, str) else command
    except ValueError:
        return (str(command),)


def _from_file(name: str, *, trusted: bool, root: Path) -> str:
    path = root / Path(name).expanduser()
    way = inside(root, path)
    path = path if way is None else root / way
    ours = belongs(root, path)
    if ours and not trusted:
        raise ConfigurationError(
            f"leadops.toml names {name}, a file of the project, for a token or an address, and it is not trusted",
            "keep it outside of the project, or name a variable; or read both files, then `leadops trust`",
        )
    try:
        data = read_inside(root, path, largest=_MOST) if ours else read_regular(path, largest=_MOST)
        mode = path.stat().st_mode
        text = data.decode("utf-8").strip()
    except FileRefused as error:
        raise ConfigurationError(f"the token file cannot be read: {error}") from None
    except UnicodeDecodeError:
        raise ConfigurationError("the token file cannot be read: it is not UTF-8", str(path)) from None
    except OSError as error:
        raise ConfigurationError(f"the token file cannot be read: {error.strerror}", str(path)) from None
    if mode & 0o077:
        raise ConfigurationError(f"the token file {path} can be read by others", f"chmod 600 {path}")
    return text


def _from_command(command: str | tuple[str, ...], env: Mapping[str, str], *, trusted: bool) -> str:
    if not trusted:
        raise ConfigurationError(
            "leadops.toml names a command for the token, and this file is not trusted",
            "read the file; then `leadops trust` lets it run its command",
        )
    import subprocess  # noqa: PLC0415 (few tokens come from a command)

    words = list(_command_words(command))
    try:
        done = subprocess.run(  # noqa: S603 (the command of a file that the user has trusted)
            words, capture_output=True, text=True, timeout=_WAIT, check=False, env=dict(env)
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(f"the token command failed: {type(error).__name__}", words[0]) from None
    if done.returncode != 0:
        raise ConfigurationError(f"the token command ended with {done.returncode}", words[0])
    return done.stdout.strip()


def _from_keyring(name: str) -> str:
    import importlib  # noqa: PLC0415 (few tokens come from a keyring)

    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise ConfigurationError(
            "the keyring is an extra", "install the package keyring beside leadops"
        ) from None
    return str(keyring.get_password("leadops", name) or "").strip()
