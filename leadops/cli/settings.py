"""Where a command works: the project's leadops.toml, the environment, the flags; the last one wins.

The environment alone is enough: TELECRM_ENTERPRISE_ID and TELECRM_SYNC_TOKEN (docs/configuration.md).
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cache, partial
from pathlib import Path
from typing import Any

from leadops.cli.projectfile import FILE, NotifyTarget, Profile, ProjectFile, open_project
from leadops.cli.tokens import find_token
from leadops.cli.trust import is_trusted
from leadops.core.did_you_mean import did_you_mean
from leadops.core.errors import ConfigurationError
from leadops.core.fast_dataclass import record
from leadops.crm.secrets import Secret
from leadops.report.team import hide_members

SYNC_BASE_URL = "https://next.telecrm.in/autoupdate/v2"
ASYNC_BASE_URL = "https://next-api.telecrm.in"
DEFAULT_TIMEZONE = "Asia/Kolkata"
DEFAULT_SETTLE = 90.0
SANDBOX_SETTLE = 1.0
"""In process nothing can be under way any more once an answer failed to come."""

_DEFAULT = "default"
"""The profile that counts where nothing names another."""
_SYNC_TOKEN = "TELECRM_SYNC_TOKEN"  # noqa: S105 (a variable's name)
_ASYNC_TOKEN = "TELECRM_ASYNC_TOKEN"  # noqa: S105 (as above)


def _no_token() -> Secret | None:
    return None


@record()
class Settings:
    """Everything a command needs to know about where it works.

    Attributes:
        root: the project's folder: where leadops.toml lies, else the working folder.
        state: the user's state folder, for all workspaces.
        enterprise_id: empty when ``sandbox`` (the sandbox names its own) or nothing is configured.
        rate: calls an hour; ``rate_stated``: by a flag or the project's file.
        find_token: returns the sync token; asked once, and only by what calls the service: a token may come from a
            command. ``find_async_token``: the same for the async one.
        token_name: the variable in which the sync token is looked for.
        marker: an action carries our mark where its schema has a field for it.
        settle: seconds after which a write that was not seen on the timeline was not made.
        trusted: hosts beyond TeleCRM's own that ``leadops trust`` has approved.
        file_trusted: leadops.toml as it is now was approved by ``leadops trust``.
    """

    root: Path
    state: Path
    profile: str
    sandbox: bool = False
    enterprise_id: str = ""
    base_url: str = SYNC_BASE_URL
    async_base_url: str | None = ASYNC_BASE_URL
    timezone: str | None = None
    country_code: str = "91"
    rate: int = 3000
    rate_stated: bool = False
    settle: float = DEFAULT_SETTLE
    call_types: tuple[str, ...] | None = None
    marker: bool = True
    find_token: Callable[[], Secret | None] = field(default=_no_token, repr=False)
    find_async_token: Callable[[], Secret | None] = field(default=_no_token, repr=False)
    token_name: str = _SYNC_TOKEN
    trusted: bool = False
    file_trusted: bool = False
    notify: Mapping[str, NotifyTarget] = field(default_factory=dict)

    @property
    def token(self) -> Secret | None:
        """The sync token; None when there is none. Raises ConfigurationError as ``tokens.find_token``."""
        return self.find_token()

    @property
    def async_token(self) -> Secret | None:
        """The async token, as ``token``."""
        return self.find_async_token()


def load_settings(
    *,
    profile: str | None = None,
    sandbox: bool = False,
    state: str | None = None,
    rate: int | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Return the settings in force.

    Raises:
        ConfigurationError: the file cannot be read, or has unknown keys.
    """
    env = os.environ if environment is None else environment
    start = (folder or Path.cwd()).resolve()
    path = project_file(start)
    opened = open_project(path) if path else None
    project = opened.project if opened else ProjectFile()
    name = _profile_name(project, profile or env.get("LEADOPS_PROFILE"))
    chosen = project.profiles.get(name, Profile())
    state_dir = state_folder(state, env)
    file_trusted = opened is not None and is_trusted(state_dir, opened)
    hide_members(chosen.mask_members)
    settle = env.get("LEADOPS_SETTLE") or chosen.settle
    common: dict[str, Any] = {
        "root": path.parent if path else start,
        "state": state_dir,
        "profile": name,
        "timezone": chosen.timezone,
        "country_code": chosen.country_code or "91",
        "call_types": chosen.call_types,
        "marker": chosen.marker != "off",
        "settle": (SANDBOX_SETTLE if sandbox else DEFAULT_SETTLE) if settle is None else seconds(str(settle)),
        "notify": {**project.notify, **chosen.notify},
        "file_trusted": file_trusted,
    }
    if sandbox:
        return Settings(**common, sandbox=True, rate=rate or 3600)
    token = partial(find_token, env=env, trusted=file_trusted, root=common["root"])
    base_url = env.get("TELECRM_BASE_URL") or chosen.base_url
    async_url = env.get("TELECRM_ASYNC_BASE_URL") or chosen.async_base_url
    return Settings(
        **common,
        rate=rate or chosen.rate or 3000,
        rate_stated=bool(rate or chosen.rate),
        enterprise_id=env.get("TELECRM_ENTERPRISE_ID") or chosen.enterprise_id or "",
        base_url=(base_url or SYNC_BASE_URL).rstrip("/"),
        async_base_url=(async_url or ("" if base_url else ASYNC_BASE_URL)).rstrip("/") or None,
        find_token=cache(partial(token, _SYNC_TOKEN, chosen.token)),
        find_async_token=cache(partial(token, _ASYNC_TOKEN, chosen.async_token)),
        token_name=(chosen.token and chosen.token.env) or _SYNC_TOKEN,
        trusted=file_trusted and bool(chosen.base_url or chosen.async_base_url),
    )


def state_folder(flag: str | None, environment: Mapping[str, str] | None = None) -> Path:
    """Return the state folder: the flag's, LEADOPS_STATE, or the system's place for a user's state."""
    env = os.environ if environment is None else environment
    named = flag or env.get("LEADOPS_STATE")
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs  # noqa: PLC0415 (only where nobody names a folder)

    return platformdirs.user_state_path("leadops").absolute()


def seconds(text: str) -> float:
    """Return a duration like ``90s``, ``2m``, ``500ms``, ``1h`` or ``90`` in seconds.

    Raises:
        ConfigurationError: it is none.
    """
    units = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
    number = text.strip().rstrip("smhd")
    unit = text.strip()[len(number) :] or "s"
    try:
        value = float(number) * units[unit]
    except (ValueError, KeyError):
        raise ConfigurationError(f"“{text}” is no duration", "write it like 90s, 2m or 1h") from None
    if not 0 <= value < 1e9:
        raise ConfigurationError(f"“{text}” is no sensible duration", "write it like 90s, 2m or 1h")
    return value


def require_account(settings: Settings) -> None:
    """Say what is missing when no account is configured.

    Raises:
        ConfigurationError: naming `init` and `--sandbox`; or the token's source gives none.
    """
    if settings.sandbox or (settings.enterprise_id and settings.token):
        return
    missing = [
        name
        for name, there in (
            ("TELECRM_ENTERPRISE_ID", settings.enterprise_id),
            (settings.token_name, settings.token),
        )
        if not there
    ]
    raise ConfigurationError(
        f"no TeleCRM account is configured: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set",
        "set them in the environment, or write a leadops.toml (`leadops init` makes one);\n"
        "to try leadops without an account, add --sandbox",
    )


def project_file(start: Path) -> Path | None:
    """Return the leadops.toml of ``start`` or a folder above it, not beyond the repository; None when there is none."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder / FILE
        if (folder / ".git").exists():
            return None
    return None


def _profile_name(project: ProjectFile, asked: str | None) -> str:
    """Return which profile counts: the one that is asked for, the file's default, ``default``, or the only one.

    Raises:
        ConfigurationError: there is none of that name, or several and nothing says which.
    """
    known = ", ".join(project.profiles) or "none"
    name = asked or project.default_profile
    if not name:
        if _DEFAULT in project.profiles or not project.profiles:
            return _DEFAULT
        if len(project.profiles) == 1:
            return next(iter(project.profiles))
        raise ConfigurationError(
            f"{FILE} has several profiles, and nothing says which one is meant: {known}",
            'choose with --profile NAME, LEADOPS_PROFILE, or default_profile = "NAME" at the top of the file',
        )
    if name not in project.profiles:
        hint = did_you_mean(name, project.profiles) or f"profiles: {known}"
        raise ConfigurationError(f"there is no profile “{name}” in {FILE}", hint)
    return name
