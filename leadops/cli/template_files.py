"""The text of a report's template: a file of the project through its door, another that the user names as it is."""

from collections.abc import Callable
from pathlib import Path

from leadops.cli.settings import project_file
from leadops.core.errors import UsageError
from leadops.core.project_files import FileRefused, belongs, read_inside, read_regular
from leadops.report.usertemplate import MOST_TEMPLATE


def template_text(name: str) -> str:
    """Return the template that a flag names.

    Raises:
        UsageError: it cannot be read, or is a file of the project that is reached by a link.
    """
    path = Path.cwd() / name
    found = project_file(Path.cwd().resolve())
    root = found.parent if found is not None else None
    if root is not None and belongs(root, path):
        return project_template(name, root, path)
    return _text(name, lambda: read_regular(path, largest=MOST_TEMPLATE))


def project_template(name: str, root: Path, path: Path | None = None) -> str:
    """Return the text of a template of the project; ``path`` is where it lies, by default ``name`` below ``root``.

    Raises:
        UsageError: it cannot be read, or lies outside of the project.
    """
    return _text(name, lambda: read_inside(root, path or Path(name), largest=MOST_TEMPLATE))


def _text(name: str, read: Callable[[], bytes]) -> str:
    try:
        return read().decode("utf-8")
    except FileRefused as error:
        raise UsageError(f"cannot read the template {name}: {error}") from None
    except OSError as error:
        raise UsageError(f"cannot read the template {name}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"the template {name} is not UTF-8 (byte {error.start + 1})") from None
