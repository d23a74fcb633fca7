"""Packs the parse tables into the wheel, and beside the sources of an editable install: a start without building them."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PackTables(BuildHookInterface[Any]):
    """The build hook of the tables; a build without it works too, and starts slower."""

    def dependencies(self) -> list[str]:
        """Return what this hook needs besides hatchling."""
        return ["lark>=1.3,<2"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the tables before the files are gathered."""
        root = Path(self.root)
        sys.path.insert(0, str(root))
        try:
            from leadops.syntax.grammar.parse_tables import PACKED, build, grammar_text  # noqa: PLC0415 (as above)
            from leadops.syntax.grammar.table_cache import packed  # noqa: PLC0415 (the tree is being built)
        finally:
            sys.path.remove(str(root))
        place = root / "leadops" / "syntax" / "grammar" / PACKED
        grammar = grammar_text()
        place.write_bytes(packed(build(grammar, "basic"), grammar))
        if version != "editable":
            build_data["force_include"][str(place)] = f"leadops/syntax/grammar/{PACKED}"
