"""The plans of runs, kept in the state store: what a run needs to go on. A project's folder holds a copy for people.

A plan is kept as long as its run did not end, or has changes in doubt; else for thirty days after it ended.
"""

import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from leadops.core.errors import LeadopsError
from leadops.model.saved import SavedPlan
from leadops.state import forgetting
from leadops.state.planfile import read_plan
from leadops.state.private import private_dir, seen_file, write_private_parts

KEPT_MS = 30 * 86_400_000
"""How long the plan of a run that ended is kept."""
_SUFFIX = ".plan.gz"
_CHUNK = 1 << 20
_GZIP = 31


class KeptPlans:
    """The kept plans of one workspace; ``home`` is its folder of the state store."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "plans"

    def keep(self, run: str, plan_file: Path) -> None:
        """Keep the plan that stands in ``plan_file``.

        Raises:
            ConfigurationError: it cannot be written.
        """
        private_dir(self._folder)
        write_private_parts(self._path(run), _compressed(_chunks(plan_file)))

    def plan(self, run: str) -> SavedPlan | None:
        """Return the run's plan; None where none is kept, or none that can be read."""
        text = self._text(run)
        if text is None:
            return None
        try:
            return read_plan(text, f"the kept plan of run {run}")
        except LeadopsError:
            return None

    def tidy(self, is_over: Callable[[str], bool]) -> None:
        """Drop the plans of the runs that ``is_over`` is true of."""
        for path in self._files():
            if is_over(path.name.removesuffix(_SUFFIX)):
                path.unlink(missing_ok=True)

    def lead_ids(self, identifiers: frozenset[str]) -> frozenset[str]:
        """Return the ids of the leads of these identifiers that the plans name."""
        return frozenset().union(
            *(forgetting.ids_in(data, identifiers) for _, data in self._all()), frozenset[str]()
        )

    def forget(self, lead_ids: frozenset[str], identifiers: frozenset[str]) -> int:
        """Take these leads out of every plan; return how many plans that touched."""
        touched = 0
        for path, data in self._all():
            clean = forgetting.cleaned(data, lead_ids, identifiers)
            if clean != data:
                text = json.dumps(clean, ensure_ascii=True) + "\n"
                write_private_parts(path, _compressed(iter([text.encode()])))
                touched += 1
        return touched

    def _all(self) -> Iterator[tuple[Path, Any]]:
        for path in self._files():
            text = self._text(path.name.removesuffix(_SUFFIX))
            try:
                data = None if text is None else json.loads(text)
            except ValueError:
                data = None
            if data is None:
                path.unlink(missing_ok=True)  # nobody can go on by it, and nobody could take a lead out of it
            else:
                yield path, data

    def _files(self) -> list[Path]:
        try:
            return sorted(self._folder.glob(f"*{_SUFFIX}"))
        except OSError:
            return []

    def _text(self, run: str) -> str | None:
        path = self._path(run)
        try:
            if not seen_file(path):
                return None
            return zlib.decompress(path.read_bytes(), _GZIP).decode("utf-8")
        except (OSError, zlib.error, UnicodeDecodeError):
            return None

    def _path(self, run: str) -> Path:
        return self._folder / f"{Path(run).name}{_SUFFIX}"


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _compressed(parts: Iterator[bytes]) -> Iterator[bytes]:
    press = zlib.compressobj(level=1, wbits=_GZIP)
    for part in parts:
        yield press.compress(part)
    yield press.flush()
