"""What was learnt about a workspace and is good for a day: its schema, and which search filters can be trusted."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from leadops.core.clock import Clock
from leadops.core.errors import ConfigurationError
from leadops.core.project_files import read_inside
from leadops.model.schema import Schema
from leadops.state.private import private_dir, write_private, write_private_parts
from leadops.state.turns import turn_at

DAY_MS = 86_400_000
LASTING = "clear:"
"""Verdicts of this name were found by writing, on somebody's word: they hold for 90 days, whatever the schema says."""
LASTING_MS = 90 * DAY_MS
_SCHEMA = TypeAdapter(Schema)


class _Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    trusted: bool
    seen_ms: int


class _CacheFile(BaseModel):
    """The file: of one workspace on one host."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format_version: Literal[1] = 1
    enterprise_id: str
    host: str
    pulled_schema: Schema | None = None
    verdicts: dict[str, _Verdict] = {}


class WorkspaceCache:
    """The cache of one workspace on one host; fits ``planner.ports.Capabilities``.

    Whatever cannot be read, or is of another workspace or host, counts as absent. Writing keeps it private.
    """

    def __init__(
        self, path: Path, enterprise_id: str, host: str, clock: Clock, *, max_age_ms: int = DAY_MS
    ) -> None:
        self._path = path
        self._enterprise_id = enterprise_id
        self._host = host
        self._clock = clock
        self._max_age_ms = max_age_ms

    def schema(self, *, any_age: bool = False) -> Schema | None:
        """Return the schema that was kept, if it is fresh (or whatever its age)."""
        found = self._load().pulled_schema
        return found if found and (any_age or self._is_fresh(found.pulled_at_ms)) else None

    def keep_schema(self, schema: Schema) -> None:
        """Keep a schema; what was known of filters falls when the schema says something else than before."""
        with self._turn():
            now = self._load()
            same = now.pulled_schema is not None and says_the_same(now.pulled_schema, schema)
            kept = {name: one for name, one in now.verdicts.items() if same or name.startswith(LASTING)}
            self._store(now.model_copy(update={"pulled_schema": schema, "verdicts": kept}))

    def get(self, name: str) -> bool | None:
        """Return the verdict on a filter kind; None when none is fresh."""
        return self.verdicts().get(name)

    def verdicts(self) -> dict[str, bool]:
        """Return every fresh verdict by its name."""
        return {name: one.trusted for name, one in self._load().verdicts.items() if self._holds(name, one)}

    def put(self, name: str, verdict: bool) -> None:
        """Keep a verdict on a filter kind."""
        with self._turn():
            now = self._load()
            verdicts = {key: one for key, one in now.verdicts.items() if self._holds(key, one)}
            verdicts[name] = _Verdict(trusted=verdict, seen_ms=self._clock.now_ms())
            self._store(now.model_copy(update={"verdicts": dict(sorted(verdicts.items()))}))

    def clear(self) -> None:
        """Forget everything."""
        self._path.unlink(missing_ok=True)

    def _holds(self, name: str, verdict: _Verdict) -> bool:
        return self._is_fresh(verdict.seen_ms, LASTING_MS if name.startswith(LASTING) else None)

    def _is_fresh(self, seen_ms: int, most_ms: int | None = None) -> bool:
        return 0 <= self._clock.now_ms() - seen_ms <= (self._max_age_ms if most_ms is None else most_ms)

    def _load(self) -> _CacheFile:
        empty = _CacheFile(enterprise_id=self._enterprise_id, host=self._host)
        try:
            found = _CacheFile.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return empty
        return found if (found.enterprise_id, found.host) == (self._enterprise_id, self._host) else empty

    def _turn(self) -> AbstractContextManager[None]:
        private_dir(self._path.parent)
        return turn_at(self._path)

    def _store(self, file: _CacheFile) -> None:
        write_private(self._path, file.model_dump_json(indent=1).encode() + b"\n")


def says_the_same(a: Schema, b: Schema) -> bool:
    """Whether two schemas differ in nothing but when they were read."""
    return replace(a, pulled_at_ms=0) == replace(b, pulled_at_ms=0)


def read_schema(path: Path) -> Schema:
    """Return the schema in a ``leadops.schema.json``.

    Raises:
        ConfigurationError: it cannot be read, or is no schema of this version.
    """
    try:
        return _SCHEMA.validate_json(read_inside(path.parent, Path(path.name)))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = "/".join(str(part) for part in first["loc"]) or "the whole file"
        raise ConfigurationError(
            f"{path} is no schema of this version: {where}: {first['msg']}",
            "`leadops schema pull` writes it anew",
        ) from None


def schema_text(schema: Schema) -> str:
    """Return a schema as it stands in ``leadops.schema.json``: one key a line, stable order, a newline at the end."""
    return _SCHEMA.dump_json(schema, indent=2).decode() + "\n"


def write_schema(path: Path, schema: Schema) -> None:
    """Write ``leadops.schema.json``, whole; it holds names and labels, and is meant to be committed.

    Raises:
        ConfigurationError: it is a symbolic link, which may lead out of the project, or cannot be written.
    """
    write_private_parts(path, (schema_text(schema).encode(),), mode=0o644)
