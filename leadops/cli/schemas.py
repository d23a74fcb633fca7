"""The schema that `check` uses without the network: the project's committed file, else what was last pulled."""

from leadops.cli.places import workspace_home
from leadops.cli.settings import Settings
from leadops.core.clock import SystemClock
from leadops.core.errors import ConfigurationError
from leadops.crm.connection import origin_of
from leadops.model.schema import Schema


def offline_schema(settings: Settings) -> Schema | None:
    """Return the schema at hand, whatever its age; None when there is none.

    Raises:
        ConfigurationError: leadops.schema.json cannot be read, or is of another workspace.
    """
    from leadops.state.cache import SCHEMA_FILE, WorkspaceCache, read_schema  # noqa: PLC0415 (pydantic)

    committed = settings.root / SCHEMA_FILE
    if committed.is_file():
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
    return WorkspaceCache(path, settings.enterprise_id, shown, SystemClock()).schema(any_age=True)
