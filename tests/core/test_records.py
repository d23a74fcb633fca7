"""`record` makes what `@dataclass(frozen=True, slots=True)` makes."""

import copy
import pickle
from dataclasses import FrozenInstanceError, field, fields, is_dataclass, replace

import pytest

from leadops.core.fast_dataclass import record


@record(kw_only=True)
class Node:
    """Something with a place."""

    span: int = field(compare=False, repr=False)


@record()
class Word(Node):
    """A word."""

    text: str
    notes: list[str] = field(default_factory=list)
    size: int = 3


@record()
class Nothing:
    """No fields."""


def test_fields_defaults_and_places():
    word = Word("Won", span=4)
    assert (word.text, word.notes, word.size, word.span) == ("Won", [], 3, 4)
    assert Word("Won", ["a"], 5, span=1).notes == ["a"]
    assert Word("a", span=1).notes is not Word("a", span=1).notes
    with pytest.raises(TypeError):
        Word("Won")
    with pytest.raises(TypeError):
        Word("Won", [], 3, 4)


def test_equality_ignores_what_is_not_compared_and_knows_the_class():
    assert Word("Won", span=1) == Word("Won", span=2)
    assert Word("Won", span=1) != Word("Lost", span=1)
    assert Node(span=1) != Word("Won", span=1)
    assert Nothing() == Nothing()
    assert hash(Node(span=1)) == hash(Node(span=2))


def test_nothing_changes_it():
    word = Word("Won", span=4)
    with pytest.raises(FrozenInstanceError):
        word.text = "Lost"
    with pytest.raises(FrozenInstanceError):
        del word.text
    assert not hasattr(word, "__dict__")


def test_it_is_a_dataclass_to_everyone_else():
    word = Word("Won", span=4)
    assert is_dataclass(word)
    assert [one.name for one in fields(word)] == ["span", "text", "notes", "size"]
    assert replace(word, text="Lost") == Word("Lost", span=4)
    assert repr(word) == "Word(text='Won', notes=[], size=3)"
    assert pickle.loads(pickle.dumps(word)) == copy.copy(word) == word
    match word:
        case Word(text):
            assert text == "Won"


def test_what_a_class_does_after_its_making_is_done():
    @record()
    class Even:
        number: int
        half: int = field(init=False)

        def __post_init__(self):
            object.__setattr__(self, "half", self.number // 2)

    assert (Even(4).half, Even(4)) == (2, Even(4))
    assert replace(Even(4), number=6).half == 3


def test_one_that_is_not_frozen_changes_and_is_in_no_set():
    @record(frozen=False)
    class Counter:
        number: int = 0

    counter = Counter()
    counter.number += 1
    assert (counter.number, counter) == (1, Counter(1))
    with pytest.raises(TypeError):
        hash(counter)
    with pytest.raises(AttributeError):
        counter.other = 1
