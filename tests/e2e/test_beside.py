"""A second process beside every verb: the first ends as alone, the trail is whole, the second ends as alone or with 6.

``make soak`` does rounds of chance for an hour, or for LEADOPS_SOAK_SECONDS.
"""

import os
import time

import pytest

from leadops.cli.verbs import VERBS
from tests.e2e.beside import (
    FIRSTS,
    LOOKING,
    WRITING,
    a_round,
    at_work,
    ended,
    prepared,
    seeds,
    standing_still,
)
from tests.e2e.place import Place
from tests.independent.server import Server

LOOKS = [(verb, codes) for ways, codes in LOOKING.values() for verb in ways]
EACH = -(-len(LOOKS) // len(FIRSTS))


def test_no_verb_is_left_out():
    assert set(LOOKING) | set(WRITING) == set(VERBS)


@pytest.mark.parametrize("number", range(len(FIRSTS)), ids=lambda number: FIRSTS[number].name)
def test_looking_beside_a_writing_verb_disturbs_neither(place, server, number):
    first = prepared(FIRSTS[number], place, server)
    with at_work(first, 0.3):
        started = [
            (verb, place.start(*verb), codes) for verb, codes in LOOKS[number * EACH : (number + 1) * EACH]
        ]
        for one in started:
            ended(*one)


SLOW = [kind for kind in FIRSTS if kind.slow]


@pytest.mark.parametrize("number", range(len(SLOW)), ids=lambda number: SLOW[number].name)
def test_a_second_writer_is_told_of_the_first_while_it_stands_still(place, server, number):
    first = prepared(SLOW[number], place, server)
    writers = sorted(WRITING)
    chosen = [WRITING[writers[(number + at) % len(writers)]][0][0] for at in (0, 3)]
    with at_work(first, 1.0) as process, standing_still(process):
        for verb, other in [(verb, place.start(*verb)) for verb in chosen]:
            ended(verb, other, {6})


@pytest.mark.parametrize("number", range(2))
def test_verbs_come_and_go_beside_a_writing_verb(place, server, number):
    [(_, chance)] = [one for at, one in zip(range(number + 1), seeds(), strict=False) if at == number]
    a_round(FIRSTS[number * 3], place, server, chance)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_verbs_come_and_go_beside_every_writing_verb_for_an_hour(tmp_path):
    end = time.monotonic() + float(os.environ.get("LEADOPS_SOAK_SECONDS", "3600"))
    for seed, chance in seeds():
        if time.monotonic() > end:
            return
        kind = FIRSTS[seed % len(FIRSTS)]
        with Server(leads=40) as server:
            try:
                a_round(kind, Place(tmp_path / f"here{seed}", server), server, chance)
            except BaseException as error:
                error.add_note(f"seed {seed}, beside {kind.name}")
                raise
