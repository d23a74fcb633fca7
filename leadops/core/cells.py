"""Cells that a spreadsheet or a script has left without a value: an error of a formula, or a word for nothing."""

import unicodedata

from leadops.core.text import fold, is_hidden

_ENGLISH = (
    "#n/a #ref! #value! #name? #div/0! #num! #null! #spill! #calc! #getting_data #field! #blocked! #connect! #unknown! "
    "#busy! #external! #python! #timeout! #cycle! #error! #circular! #n/a!"
)
_OTHERS = (
    "#nv #bezug! #wert! #zahl! #überlauf! #kalk! "  # German
    "#valeur! #nom? #nombre! #nul! #propagation! #calcul! "  # French
    "#¡ref! #¡valor! #¿nombre? #¡div/0! #¡num! #¡nulo! #¡desbordamiento! #¡calc! "  # Spanish
    "#valor! #nome? #núm! #nulo! #n/d #despejar! "  # Portuguese
    "#valore! #rif! #espansione! "  # Italian
    "#verw! #waarde! #naam? #deel/0! #getal! #leeg! #n/b "  # Dutch
    "#adr! #arg! #nazwa? #dziel/0! #liczba! #zero! "  # Polish
    "#referens! #värdefel! #namn? #division/0! #ogiltigt! #skärning! #saknas! "  # Swedish
    "#н/д #ссылка! #знач! #имя? #дел/0! #число! #пусто! "  # Russian
    "#yok #başv! #değer! #ad? #sayi/0! #sayı/0! #sayi! #sayı! #boş! "  # Turkish
    "#hiv! #érték! #név? #zéróosztó! #szám! #nulla! #hiányzik "  # Hungarian
    "err:502 err:504 err:508 err:509 err:511 err:522 err:523"  # LibreOffice
)
_BROKEN = frozenset(fold(word) for word in f"{_ENGLISH} {_OTHERS}".split())
_NOTHING = frozenset(
    [
        "null",
        "(null)",
        "<null>",
        "[null]",
        "\\n",
        "none",
        "nil",
        "nan",
        "-nan",
        "nat",
        "n/a",
        "n.a.",
        "n.a",
        "n\\a",
        "na",
        "<na>",
        "<n/a>",
        "undefined",
        "(blank)",
        "(empty)",
        "(none)",
        "#empty",
        "-",
        "--",
        "---",
        "–",
        "—",
        "―",
    ]
)
_WIDTH = 3
"""Signs ``#`` that a column which is too narrow shows in place of a number."""


def is_broken_cell(text: str) -> bool:
    """Whether ``text`` is what a spreadsheet writes into a cell that it cannot compute or show.

    >>> is_broken_cell(" #N/A "), is_broken_cell("#ref!"), is_broken_cell("####"), is_broken_cell("Flat #3")
    (True, True, True, False)
    """
    if "#" not in text and "＃" not in text and ":" not in text:
        return False
    word = _word(text)
    return word in _BROKEN or (len(word) >= _WIDTH and not word.strip("#"))


def means_nothing(text: str) -> bool:
    """Whether ``text`` is a word that people and tools write where there is no value.

    >>> means_nothing("NULL"), means_nothing("n/a"), means_nothing(" - "), means_nothing("Nan Kumar")
    (True, True, True, False)
    """
    return len(text) < 40 and _word(text) in _NOTHING


def _word(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return fold("".join(char for char in plain if not is_hidden(char)).strip().strip("'\""))
