"""Where a workspace's files lie in the user's state folder."""

import re
from pathlib import Path


def workspace_home(state: Path, enterprise_id: str) -> Path:
    """Return the folder that holds a workspace's journal, lock, rate and caches."""
    return state / re.sub(r"[^A-Za-z0-9_-]", "_", enterprise_id)
