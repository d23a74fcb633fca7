"""Text as leadops compares it and as it may be shown."""

import unicodedata

_SHOWN = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r", 0x1B: "\\e"}
_BIDI = frozenset(
    {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)},
)
"""Characters that reorder what follows them: they can make a text read as something else."""
_FILLERS = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)})
"""Letters and marks that are drawn as nothing."""
_INVISIBLE = frozenset({0x00AD, 0x180E, 0x200B, 0x2028, 0x2029, 0x2060, 0xFEFF, *range(0xFFF9, 0xFFFC)})


def fold(text: str) -> str:
    """Return the form in which texts are compared: NFC, case folded, runs of white space as one blank, trimmed.

    >>> fold(" Walk-In ") == fold("walk-in")
    True
    """
    return folded(" ".join(text.split()))


def folded(text: str) -> str:
    """Return ``text`` in NFC without regard to case, its blanks as they are: what the service's searches compare."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def is_hidden(char: str) -> bool:
    """Whether ``char`` is a control, bidi or invisible character, or a lone surrogate."""
    point = ord(char)
    return (
        point < 0x20
        or 0x7F <= point < 0xA0
        or point in _BIDI
        or point in _INVISIBLE
        or 0xD800 <= point <= 0xDFFF
        or 0xE0000 <= point <= 0xE0FFF
    )


def is_blank(text: str) -> bool:
    r"""Whether ``text`` holds nothing that can be seen: no characters, or only blanks and invisible ones.

    >>> is_blank("\u00a0 \u200b"), is_blank("-")
    (True, False)
    """
    return all(
        char.isspace() or is_hidden(char) or ord(char) in _FILLERS or unicodedata.category(char) == "Cf"
        for char in text
    )


def visible(text: str, *, keep_newlines: bool = False) -> str:
    r"""Return ``text`` safe for a terminal: controls, escapes, bidi marks and lone surrogates made visible.

    >>> visible("a\x1b[2Jb")
    'a\\e[2Jb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if not is_hidden(char) or (keep_newlines and char == "\n") else _shown(ord(char))
        for char in text
    )


def _shown(point: int) -> str:
    if point in _SHOWN:
        return _SHOWN[point]
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
