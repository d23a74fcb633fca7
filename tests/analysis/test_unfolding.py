"""Defines that name each other: how far they may unfold, and that finding out takes no time."""

import time

from leadops.analysis.define_expansion import DEEPEST, MOST_TESTS, MOST_UNFOLDED

USE = "find leads where matches {}; set rating = 5"


def chain(levels, each=8):
    """Return defines of which each names the one before several times."""
    lines = ["define d0 as visits = 1 or visits = 2"]
    lines += [f"define d{n} as " + " or ".join([f"matches d{n - 1}"] * each) for n in range(1, levels + 1)]
    return "\n".join(lines) + "\n"


def test_a_define_that_unfolds_to_millions_of_tests_is_refused_at_its_use_and_at_once(compiling):
    begun = time.monotonic()
    found = compiling(chain(200) + USE.format("d200")).diagnostics
    assert [(d.code, d.span.line) for d in found] == [("E112", 202)]
    assert "d200" in found[0].message
    assert time.monotonic() - begun < 2


def test_up_to_the_limit_a_define_is_fine(compiling):
    within = (MOST_TESTS // 2).bit_length() - 1
    assert compiling.codes(chain(within, each=2) + USE.format(f"d{within}")) == []
    assert compiling.codes(chain(within + 1, each=2) + USE.format(f"d{within + 1}")) == ["E112"]


def test_a_define_is_refused_for_its_depth_too(compiling):
    deep = "define d0 as visits = 1\n" + "".join(
        f"define d{n} as visits = {n} and (city = A or matches d{n - 1})\n" for n in range(1, DEEPEST)
    )
    assert set(compiling.codes(deep + USE.format("d20"))) == {"W105"}, "only that the others are not used"
    assert "E112" in compiling.codes(deep + USE.format(f"d{DEEPEST - 1}"))


def test_all_uses_together_have_a_limit(compiling):
    levels = 3  # 2 x 8 x 8 x 8 tests a use
    uses = MOST_UNFOLDED // 1024
    text = chain(levels) + "\n".join(f'step "s{n}" {{ {USE.format("d3")} }}' for n in range(uses + 3))
    assert compiling.codes(text) == ["E112"] * 3
    assert compiling.codes(text, schema=None).count("E112") == 3


def test_a_define_that_leads_back_to_itself_is_said_to_do_that(compiling):
    text = "define a as matches b\ndefine b as matches a\n" + USE.format("a")
    assert set(compiling.codes(text)) == {"E109"}
