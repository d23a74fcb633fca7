"""Texts that grow: a field that is made from itself is made longer by every run, unless its form says otherwise."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from leadops.analysis.context import Context, MadeText
from leadops.analysis.render import TemplateMissing, render
from leadops.core.positions import Span
from leadops.model.plan import Filter, Placeholder, Template
from leadops.model.schema import FieldType

_SETTLING = frozenset({"trim", "title", "upper", "lower", "round", "default"})
"""Filters that change nothing the second time, also one after the other."""
_WHOLE_DATES = frozenset({"YYYY-MM-DD", "YYYY-MM-DDTHH:mm"})
"""Patterns of dates that are read back as the same date."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ADVICE = (
    "write a fixed text, or keep it as an action of its own, which is added once: "
    'add action CODE with note = "…"'
)


def check_growth(ctx: Context, name: str, type: FieldType, template: Template, span: Span) -> None:
    """Say that ``template``, which ``name`` is set to, reads that field and does not come to rest.

    Fields that are set from other fields are kept, for two of them may be made from each other.
    """
    reads = _fields_read(template)
    ctx.step.made.append(MadeText(name, reads, settles=_settles(template), span=span))
    if name in reads and not (_settles(template) and type is not FieldType.TAGS):
        message = f"{name} is made from itself: its text changes again in every run"
        ctx.error("E450", message, span, _ADVICE)


def check_growing_tag(ctx: Context, name: str, template: Template, span: Span) -> None:
    """Say that a tag is made from the tags that it is added to."""
    if name in _fields_read(template):
        message = f"a tag of {name} is made from all its tags: every run adds another one"
        ctx.error("E450", message, span, "write the tag itself, or make it from another field")


def check_circles(ctx: Context) -> None:
    """Say that fields of one step are made from each other, and do not come to rest.

    Copies, as ``set a = "{{ lead.b }}"`` where a is missing, may go round.
    """
    reads: dict[str, set[str]] = {}
    for made in ctx.step.made:
        reads.setdefault(made.name, set()).update(made.reads - {made.name})
    for made in ctx.step.made:
        if made.settles or made.name in made.reads:
            continue
        back = next((other for other in sorted(made.reads) if made.name in _reached(other, reads)), None)
        if back is not None:
            message = (
                f"{made.name} is made from {back}, and {back} from {made.name}: both change in every run"
            )
            ctx.error("E450", message, made.span, _ADVICE)


def _reached(start: str, reads: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    left = [start]
    while left:
        for name in reads.get(left.pop(), ()):
            if name not in found:
                found.add(name)
                left.append(name)
    return found


def _fields_read(template: Template) -> frozenset[str]:
    return frozenset(part.path[0] for part in _placeholders(template) if part.root == "lead")


def _placeholders(template: Template) -> Iterable[Placeholder]:
    return (part for part in template.parts if isinstance(part, Placeholder))


def _settles(template: Template) -> bool:
    """Whether the template is one placeholder that, read from what it made, makes the same: proved by its form.

    What ``default`` puts in for a missing value is no value of the field yet: it is tried.
    """
    parts = [part for part in template.parts if part != ""]
    if len(parts) != 1 or not isinstance(parts[0], Placeholder):
        return False
    part = parts[0]
    if not all(_settling(one) for one in part.filters):
        return False
    if part.root != "lead" or not any(one.name == "default" for one in part.filters):
        return True
    try:
        once = render(template, {}, {}, {}, _EPOCH)
        return render(template, {part.path[0]: once}, {}, {}, _EPOCH) == once
    except TemplateMissing:
        return True  # then the lead is refused, and not changed again and again


def _settling(one: Filter) -> bool:
    if one.name == "date":
        return not one.arguments or one.arguments[0] in _WHOLE_DATES
    return one.name in _SETTLING
