"""Slotted dataclasses, frozen unless said otherwise, that cost a quarter of the usual price to define.

``dataclass`` writes and compiles six methods for each class. Of the classes that ``leadops check`` needs there are so
many that this is most of what it would do before it reads a line. Here only ``__init__`` is compiled, when the first
instance is made; the others are shared. To everyone else (``fields``, ``replace``, ``match``, pickle) such a class is a dataclass like any other.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(*, kw_only: bool = False, frozen: bool = True) -> Callable[[type[T]], type[T]]:
    """Return a decorator that makes what ``@dataclass(frozen=…, slots=True, kw_only=…)`` makes."""

    def made(cls: type[T]) -> type[T]:
        cls.__doc__ = (
            cls.__doc__ or cls.__name__
        )  # for a class without words dataclass writes its signature: dear
        plain: Any = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
        own = fields(plain)
        compared = [one.name for one in own if one.compare]
        plain.__init__ = _made_when_called(plain)
        plain.__eq__ = _equality(compared)
        plain.__hash__ = _hashing(compared) if frozen else None
        plain.__repr__ = _represented
        if frozen:
            plain.__setattr__ = plain.__delattr__ = _refused
        plain.__getstate__, plain.__setstate__ = _state, _restored
        return plain  # type: ignore[no-any-return]

    return made


def _made_when_called(cls: type[Any]) -> Callable[..., None]:
    """Return an ``__init__`` that makes the real one at its first call: most classes of a syntax tree are not used."""

    def first(self: Any, *args: Any, **named: Any) -> None:
        cls.__init__ = real = _initialiser(cls, fields(cls))
        real(self, *args, **named)

    return first


def _initialiser(cls: type[Any], own: tuple[Field[Any], ...]) -> Callable[..., None]:
    around: dict[str, Any] = {"put": object.__setattr__}
    heads: dict[bool, list[str]] = {False: [], True: []}
    lines: list[str] = []
    for one in own:
        name, value = one.name, one.name
        if not one.init:
            continue  # what the class itself sets after its making
        if one.default is not MISSING:
            around[f"default_{name}"] = one.default
            heads[one.kw_only is True].append(f"{name}=default_{name}")
        elif one.default_factory is not MISSING:
            around[f"make_{name}"], around["missing"] = one.default_factory, MISSING
            heads[one.kw_only is True].append(f"{name}=missing")
            value = f"make_{name}() if {name} is missing else {name}"
        else:
            heads[one.kw_only is True].append(name)
        lines.append(f" put(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    star = ["*"] if heads[True] else []
    source = f"def __init__({', '.join(['self', *heads[False], *star, *heads[True]])}):\n" + "\n".join(
        lines or [" pass"]
    )
    exec(source, around)  # noqa: S102 (our own text, as dataclasses do)
    made: Callable[..., None] = around["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _equality(compared: list[str]) -> Callable[[Any, Any], Any]:
    values = _values(compared)

    def equal(self: Any, other: Any) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return equal


def _hashing(compared: list[str]) -> Callable[[Any], int]:
    values = _values(compared)
    return lambda self: hash(values(self))


def _values(names: list[str]) -> Callable[[Any], Any]:
    return attrgetter(*names) if names else lambda _: ()


def _represented(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({shown})"


def _refused(self: Any, name: str, *_: Any) -> None:
    raise FrozenInstanceError(f"a {type(self).__name__} does not change: {name}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, one.name) for one in fields(self)]


def _restored(self: Any, state: list[Any]) -> None:
    for one, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, one.name, value)
