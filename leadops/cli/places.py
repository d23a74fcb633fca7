"""Where things lie: a workspace's files in the user's state folder, a project's runs."""

import re
from pathlib import Path

SCHEMA_FILE = "leadops.schema.json"
"""A project's copy of the workspace's schema, meant to be committed."""


def workspace_home(state: Path, enterprise_id: str) -> Path:
    """Return the folder that holds a workspace's journal, lock, rate and caches."""
    return state / re.sub(r"[^A-Za-z0-9_-]", "_", enterprise_id)


def runs_root(root: Path) -> Path:
    """Return where the run folders of the project at ``root`` are."""
    return root / ".leadops" / "runs"
