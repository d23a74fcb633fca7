"""The schema for commands that need no other answer: what is committed, was last pulled, or is the sandbox's own."""

from leadops.cli.places import SCHEMA_FILE, workspace_home
from leadops.cli.settings import Settings
from leadops.core.clock import SystemClock
from leadops.core.errors import ConfigurationError
from leadops.crm.connection import origin_of
from leadops.model.schema import Schema


def schema_at_hand(settings: Settings) -> Schema | None:
    """Return the schema that needs no network: the offline one, with --sandbox the sandbox's; None when there is none.

    Raises:
        ConfigurationError: as ``offline_schema``.
    """
    return _asked(settings) if settings.sandbox else offline_schema(settings)


def _asked(settings: Settings) -> Schema:
    import asyncio  # noqa: PLC0415 (as below)

    from leadops.cli.session import open_session  # noqa: PLC0415 (httpx and starlette, only where they are needed)

    async def ask() -> Schema:
        async with open_session(settings) as session:
            return await session.schema()

    return asyncio.run(ask())


def require_schema(settings: Settings, what: str, *, pull: bool = False) -> Schema:
    """Return the schema at hand; with ``pull``, where there is none, the configured workspace's own, kept for a day.

    Raises:
        ConfigurationError: there is none; ``what`` begins the sentence that says so.
        LeadopsError: it cannot be pulled.
    """
    schema = schema_at_hand(settings)
    if schema is None and pull and settings.enterprise_id:
        schema = _asked(settings)
    if schema is None:
        raise ConfigurationError(
            f"{what} needs to know the workspace's fields, and no schema is at hand",
            "`leadops schema pull` fetches it once; to try it without an account, add --sandbox",
        )
    return schema


def offline_schema(settings: Settings) -> Schema | None:
    """Return the schema at hand, whatever its age; None when there is none.

    Raises:
        ConfigurationError: leadops.schema.json cannot be read, or is of another workspace.
    """
    committed = settings.root / SCHEMA_FILE
    if committed.is_file():
        from leadops.state.cache import read_schema  # noqa: PLC0415 (pydantic, only where there is a file)

        schema = read_schema(committed)
        if settings.enterprise_id and schema.enterprise_id != settings.enterprise_id:
            raise ConfigurationError(
                f"{SCHEMA_FILE} is of workspace {schema.enterprise_id}, and {settings.enterprise_id} is configured",
                "`leadops schema pull` writes it anew",
            )
        return schema
    if not settings.enterprise_id:
        return None
    _scheme, host, port = origin_of(settings.base_url)
    shown = host if port == 443 else f"{host}:{port}"
    path = workspace_home(settings.state, settings.enterprise_id) / "cache.json"
    if not path.is_file():
        return None
    from leadops.state.cache import WorkspaceCache  # noqa: PLC0415 (as above)

    return WorkspaceCache(path, settings.enterprise_id, shown, SystemClock()).schema(any_age=True)
