"""Which project files may name hosts and commands: only those whose very bytes a person has approved.

The approval lies in the user's state folder (never in the project) as the file's path and digest. A file of the project
that leadops.toml names for an address, a token or a command is the project's own text, and is approved with it.
"""

import hashlib
import json
from pathlib import Path

from leadops.cli.projectfile import OpenedProject
from leadops.core.project_files import read_inside
from leadops.state.private import private_dir, write_private
from leadops.state.turns import turn_at

_STORE = "trust.json"


def digest_of(file: OpenedProject) -> str:
    """Return the sha256 of the file's bytes and of the files of the project that it names for addresses or tokens."""
    digest = hashlib.sha256(file.data)
    for name in file.named:
        digest.update(f"\0{name}\0".encode("utf-8", "surrogateescape"))
        try:
            digest.update(hashlib.sha256(read_inside(file.path.parent, Path(name))).digest())
        except OSError as error:
            digest.update(type(error).__name__.encode())
    return digest.hexdigest()


def is_trusted(state: Path, file: OpenedProject) -> bool:
    """Whether exactly these bytes at this place were approved."""
    approved = _load(state).get(str(file.path))
    return approved is not None and approved == digest_of(file)


def trust(state: Path, file: OpenedProject) -> None:
    """Approve the file, and those of the project that it names, as they are now; any change takes the approval away."""
    private_dir(state)
    with turn_at(state / _STORE):
        approved = {**_load(state), str(file.path): digest_of(file)}
        write_private(state / _STORE, json.dumps(approved, indent=2, sort_keys=True).encode())


def _load(state: Path) -> dict[str, str]:
    try:
        data = json.loads((state / _STORE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in data.items() if isinstance(v, str)} if isinstance(data, dict) else {}
