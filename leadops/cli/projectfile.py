"""What leadops.toml may say. Read by pydantic, which is imported only where there is such a file."""

from collections.abc import Iterator, Mapping
from dataclasses import field, fields
from pathlib import Path
from typing import Any, ClassVar, Literal

from leadops.cli.tokens import TokenSource
from leadops.core.did_you_mean import did_you_mean
from leadops.core.errors import ConfigurationError
from leadops.core.fast_dataclass import record
from leadops.core.project_files import FileRefused, inside, read_inside

FILE = "leadops.toml"
_STRICT: Mapping[str, Any] = {"extra": "forbid"}
"""Unknown keys are errors: they are mostly misspelled ones."""
_UNKNOWN = "unexpected_keyword_argument"


@record()
class NotifyTarget:
    """``[notify.X]`` or ``[profiles.NAME.notify.X]``: where a message goes.

    Attributes:
        url: where from, as a token's; or the address itself, which counts only in a trusted file or on this machine.
        on: which events are told without being asked for in a playbook; a plan only with ``--notify``.
        pii: "mask": phones and e-mails in the playbook's own texts are made unreadable.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _STRICT

    url: TokenSource | str
    kind: Literal["json", "slack", "teams", "discord"] = "json"
    on: tuple[Literal["plan", "apply", "failure"], ...] = ("plan", "apply", "failure")
    pii: Literal["mask", "show"] = "mask"


@record()
class Profile:
    """``[profiles.NAME]`` of leadops.toml."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _STRICT

    enterprise_id: str | None = None
    base_url: str | None = None
    async_base_url: str | None = None
    timezone: str | None = None
    country_code: str | None = None
    rate: int | None = None
    settle: str | float | None = None
    call_types: tuple[str, ...] | None = None
    token: TokenSource | None = None
    async_token: TokenSource | None = None
    marker: Literal["field", "off"] | None = None
    mask_members: bool = False
    notify: Mapping[str, NotifyTarget] = field(default_factory=dict)

    def __post_init__(self) -> None:
        code = self.country_code
        if code is not None and not (code.isascii() and code.isdigit() and len(code) <= 3):
            raise ValueError("country_code is one to three digits")
        if self.rate is not None and not 1 <= self.rate <= 3600:
            raise ValueError("rate is 1 to 3600 calls an hour")


@record()
class ProjectFile:
    """leadops.toml."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _STRICT

    default_profile: str = ""
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    notify: Mapping[str, NotifyTarget] = field(default_factory=dict)


@record()
class OpenedProject:
    """leadops.toml as it was read, once: what counts is what was judged.

    Attributes:
        path: where it lies.
        data: its bytes.
        named: files of the project that it names for tokens, addresses and commands, relative to its folder.
    """

    path: Path
    data: bytes
    project: ProjectFile
    named: tuple[str, ...] = ()


def open_project(path: Path) -> OpenedProject:
    """Read the file.

    Raises:
        ConfigurationError: it cannot be read, or says what nobody understands; names each such key.
    """
    import tomllib  # noqa: PLC0415 (it compiles expressions, and mostly there is no file)

    try:
        data = read_inside(path.parent, Path(path.name))
        project = project_of(tomllib.loads(data.decode("utf-8-sig")), path.name)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, FileRefused) as error:
        raise ConfigurationError(f"{path.name} cannot be read: {error}") from None
    except OSError as error:
        raise ConfigurationError(f"{path.name} cannot be read: {error.strerror}") from None
    return OpenedProject(path, data, project, _named(project, path.parent))


def read_project(path: Path) -> ProjectFile:
    """Return what the file says; raises as ``open_project``."""
    return open_project(path).project


def _named(project: ProjectFile, root: Path) -> tuple[str, ...]:
    found: set[str] = set()
    for source in _sources(project):
        for text in source.paths():
            path = Path(text).expanduser()
            way = inside(root, path)
            if way is not None and (source.file is not None or (root / way).is_file()):
                found.add(str(way))
    return tuple(sorted(found))


def _sources(project: ProjectFile) -> Iterator[TokenSource]:
    for profile in project.profiles.values():
        yield from (one for one in (profile.token, profile.async_token) if one is not None)
    groups = (project.notify, *(profile.notify for profile in project.profiles.values()))
    for target in (target for group in groups for target in group.values()):
        if isinstance(target.url, TokenSource):
            yield target.url


def project_of(tables: Mapping[str, Any], name: str = FILE) -> ProjectFile:
    """Return ``tables`` as a project's file; raises as ``read_project``."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 (dear, and mostly there is no file)

    try:
        return TypeAdapter(ProjectFile).validate_python(tables)
    except ValidationError as error:
        raise ConfigurationError(f"{name}: " + "; ".join(_reason(e) for e in error.errors())) from None


def _reason(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "dataclass_type" and error["loc"][-1] in {"token", "async_token"}:
        return f'{where}: a token never stands in this file; name its place: {{ env = "…" }}, or file, command, keyring'
    if error["type"] != _UNKNOWN:
        return f"{where}: {error['msg']}"
    shape: type[Profile | ProjectFile | NotifyTarget]
    shape = Profile if "profiles" in error["loc"] else ProjectFile
    if "notify" in error["loc"][:-1]:
        shape = NotifyTarget
    known = [one.name for one in fields(shape)]
    hint = did_you_mean(str(error["loc"][-1]), known)
    return f"{where} is no setting" + (f" ({hint})" if hint else f" (known: {', '.join(known)})")
