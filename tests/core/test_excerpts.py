"""An excerpt fits the terminal, and its caret stands below what it points at, whatever stands before it."""

import pytest

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.excerpt import cells, render
from leadops.core.positions import span_at


def _lines(text, word, width):
    at = text.index(word)
    found = Diagnostic("E101", Severity.ERROR, "no", span_at(text, at, at + len(word), "a.lead"))
    return render(found, text, width=width).splitlines()[1:]


@pytest.mark.parametrize("width", [40, 80, 110, 160])
@pytest.mark.parametrize(
    "before", ["", "set a = 1, " * 40, "田中太郎 " * 30, "नया क्षत्रिय " * 20, "👩‍💻❤️ " * 40]
)
@pytest.mark.parametrize("after", ["", " and " * 60, " 田中" * 60])
def test_the_caret_stands_below_the_word_and_nothing_is_wider_than_the_terminal(width, before, after):
    for number in ("", "\n" * 120):
        _, shown, carets = _lines(f"{number}{before}WRONG{after}", "WRONG", width)
        assert cells(shown) <= width
        assert cells(carets) <= width
        assert cells(shown[: shown.index("WRONG")]) == carets.index("^")
        assert carets.count("^") == 5


def test_what_is_joined_to_an_emoji_takes_no_cell_of_its_own():
    assert cells("👨‍👩‍👧‍👦") == 2
    assert cells("👩‍💻x") == 3
    assert cells("क्‍ष") == cells("क") + cells("ष")
    assert cells("❤️") == 2
    assert cells("田️") == 2
