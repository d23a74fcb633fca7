"""Texts that ship with leadops: in the wheel beside the code, in a checkout under docs/."""

from importlib import resources
from pathlib import Path


def packaged_text(kind: str, name: str) -> str:
    """Return a shipped text: ``errors`` (pages of codes) or ``examples``.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    packaged = resources.files("leadops") / kind / name
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (Path(__file__).resolve().parents[2] / "docs" / kind / name).read_text("utf-8")
