"""Twice as much text takes about twice the time: placeholders, values joined by or, lists, steps, mistakes, long texts."""

import gc
import time

import pytest

from leadops.predicate.normalise import normalise
from tests.analysis.conftest import SCHEMA, Compiling

MOST = 2.8
"""A square would be 4."""

TEXTS = {
    "placeholders": (250, lambda n: 'find leads where status = Won\nset city = "' + "{{ lead.name }}\\n" * n + '"'),
    "lookalikes": (4000, lambda n: 'find leads where status = Won\nset city = "' + "{x} $5 <b> % " * n + '"'),
    "ors": (1000, lambda n: "find leads where " + " or ".join(f'city = "c{i}"' for i in range(n)) + "\nset rating = 5"),
    "nots": (1000, lambda n: "find leads where " + " and ".join(f'not city = "c{i}"' for i in range(n)) + "\nset rating = 5"),
    "pairs": (400, lambda n: "find leads where " + " or ".join(f'(rating = 3 and city = "c{i}")' for i in range(n)) + "\nset rating = 5"),
    "contains": (800, lambda n: "find leads where " + " or ".join(f'city contains "c{i}"' for i in range(n)) + "\nset rating = 5"),
    "lists": (2000, lambda n: "find leads where city in [" + ", ".join(f'"c{i}"' for i in range(n)) + "]\nset rating = 5"),
    "steps": (250, lambda n: "\n".join(f'step "s{i}" {{ find leads where city = "c{i}"; set rating = 5 }}' for i in range(n))),
    "mistakes": (1000, lambda n: "find leads where status = Won\n" + "st a == 1\n" * n),
    "long texts": (30_000, lambda n: 'find leads where status = Won\nset city = "' + "x y " * n + '"'),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_garbage_only():
    """What earlier tests left alive is not looked through by the collector while a text is timed."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def _seconds(text):
    start = time.process_time()
    plan = Compiling()(text).plan
    for step in plan.steps if plan is not None else ():
        normalise(step.source.condition)
    return time.process_time() - start


@pytest.mark.parametrize("kind", TEXTS)
def test_twice_the_text_takes_about_twice_the_time(kind):
    size, make = TEXTS[kind]
    _seconds(make(10))
    ratios = []
    for _ in range(5):  # what else the machine does can only make a measurement longer
        once = min(_seconds(make(2 * size)) for _ in range(2))
        twice = min(_seconds(make(4 * size)) for _ in range(2))
        ratios.append(twice / once)
        if ratios[-1] <= MOST:
            return
    raise AssertionError(f"{kind}: {[round(ratio, 1) for ratio in ratios]}")


def test_the_schema_of_these_texts_has_what_they_name():
    assert {"city", "rating", "status"} <= {field.api_name for field in SCHEMA.fields}
