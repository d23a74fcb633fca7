"""Where this leadops was installed from, as pip wrote it down (PEP 610): what a workflow of the project installs.

A version and a name would be a promise that an index keeps, and anybody can take a name. Only what is fixed counts: a
commit of a repository, an archive with its hash, a file or folder inside the project's own repository.
"""

import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

_PACKAGE = "leadops"


def requirement(repository: Path) -> str:
    """Return what pip can install this leadops from, in a checkout of ``repository``; empty where nobody can know."""
    told = _told()
    url = told.get("url")
    if not isinstance(url, str):
        return ""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _beside(Path(unquote(parts.path)), repository)
    clean = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
    folder = told.get("subdirectory")
    fragment = f"subdirectory={folder}" if isinstance(folder, str) and folder else ""
    return _fixed(told, clean, fragment)


def _fixed(told: dict[str, Any], url: str, fragment: str) -> str:
    """Return the address with what fixes it: a commit, or a hash."""
    vcs, archive = told.get("vcs_info"), told.get("archive_info")
    if isinstance(vcs, dict) and vcs.get("vcs") and vcs.get("commit_id"):
        return f"{vcs['vcs']}+{url}@{vcs['commit_id']}" + (f"#{fragment}" if fragment else "")
    if not isinstance(archive, dict):
        return ""
    hashes = archive.get("hashes")
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    if digest is None and str(archive.get("hash", "")).startswith("sha256="):
        digest = str(archive["hash"]).removeprefix("sha256=")
    if not digest:
        return ""
    return f"{url}#" + "&".join(filter(None, (f"sha256={digest}", fragment)))


def _beside(place: Path, repository: Path) -> str:
    here, there = repository.resolve(), place.resolve()
    return f"./{there.relative_to(here).as_posix()}" if there.is_relative_to(here) and there != here else ""


def _told() -> dict[str, Any]:
    try:
        text = distribution(_PACKAGE).read_text("direct_url.json")
    except PackageNotFoundError:
        return {}
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
