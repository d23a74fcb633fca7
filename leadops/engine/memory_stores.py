"""Stand-ins for the state store's memories where none was given: they last as long as the command."""

from collections.abc import Sequence


class ShortCapabilities:
    """Verdicts on filters, for this command only."""

    def __init__(self) -> None:
        self._verdicts: dict[str, bool] = {}

    def get(self, name: str) -> bool | None:
        """Return the verdict on a filter kind; None when there is none."""
        return self._verdicts.get(name)

    def put(self, name: str, verdict: bool) -> None:
        """Keep a verdict."""
        self._verdicts[name] = verdict


class ShortIds:
    """Ids by identifier, for this command only."""

    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = {}

    def ids_of(self, identifier: str) -> Sequence[str]:
        """Return the ids recorded for an identifier."""
        return tuple(self._ids.get(identifier, ()))

    def remember(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Record (identifier, id) pairs."""
        for identifier, lead_id in pairs:
            known = self._ids.setdefault(identifier, [])
            if lead_id not in known:
                known.append(lead_id)
