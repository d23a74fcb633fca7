"""Every edit of a plan file that a person, a program or an accident could make; also sealed and named anew."""

import copy
import json

from leadops.model.seal import seal_of_form

WORDS = (
    "",
    "x",
    "x" * 5000,
    "\x00\ud800",
    "0000-00-00T00:00:00Z",
    "0001-01-01T00:00:00+05:30",
    "9999-12-31T23:59:59-05:30",
)
NUMBERS = (-1, 0, 1, 7, 2**63, 10**290, 0.5, 1e308)
OTHERS = (None, True, False, [], {}, [None], {"x": 1})


def places(value, path=()):
    """Yield the path of every part of a JSON value, the whole excepted."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


def at(value, path):
    """Return what stands at ``path``."""
    for key in path:
        value = value[key]
    return value


def edits(form):
    """Yield (what, edit): a name, and a function that edits a copy of ``form`` in place."""
    for path in places(form):
        if path[0] != "seal":
            name = ".".join(map(str, path))
            now = at(form, path)
            for new in (*WORDS, *NUMBERS, *OTHERS, *_near(now)):
                if type(new) is not type(now) or new != now:
                    yield f"{name}={json.dumps(new)[:30]}", _put(path, new)
            yield f"-{name}", _drop(path)
            if isinstance(now, dict):
                yield f"+{name}", _put((*path, "surprise"), 1)
            if isinstance(now, list) and now:
                yield f"{name} twice", _twice(path)
                yield f"{name} reversed", lambda data, path=path: at(data, path).reverse()


def _near(value):
    """Return values that look right where ``value`` stands."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1, value - 1]
    if isinstance(value, str) and value:
        return [value.upper(), value[:-1], f"{value[:-1]}9", value.replace("2", "3")]
    return []


def _put(path, new):
    def edit(data):
        at(data, path[:-1])[path[-1]] = copy.deepcopy(new)

    return edit


def _drop(path):
    def edit(data):
        del at(data, path[:-1])[path[-1]]

    return edit


def _twice(path):
    def edit(data):
        at(data, path).append(copy.deepcopy(at(data, path)[-1]))

    return edit


def edited(form, edit):
    """Return a copy of ``form``, edited; None where nothing changed."""
    data = copy.deepcopy(form)
    edit(data)
    return None if json.dumps(data, sort_keys=True) == json.dumps(form, sort_keys=True) else data


def sealed(data):
    """Return ``data`` with a seal that fits, as somebody would make it who means harm; None where none can be made."""
    try:
        return {**data, "seal": seal_of_form(data)}
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
