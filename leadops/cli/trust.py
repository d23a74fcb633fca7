"""Which project files may name hosts and commands: only those whose very bytes a person has approved.

The approval lies in the user's state folder (never in the project) as the file's path and digest.
"""

import hashlib
import json
from pathlib import Path

from leadops.state.private import private_dir, write_private

_STORE = "trust.json"


def digest_of(path: Path) -> str:
    """Return the sha256 of the file's bytes, hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_trusted(state: Path, path: Path) -> bool:
    """Whether exactly these bytes at this place were approved."""
    return _load(state).get(str(path.resolve())) == digest_of(path)


def trust(state: Path, path: Path) -> None:
    """Approve the file as it is now; any change to it takes the approval away."""
    private_dir(state)
    approved = {**_load(state), str(path.resolve()): digest_of(path)}
    write_private(state / _STORE, json.dumps(approved, indent=2, sort_keys=True).encode())


def _load(state: Path) -> dict[str, str]:
    try:
        data = json.loads((state / _STORE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in data.items() if isinstance(v, str)} if isinstance(data, dict) else {}
