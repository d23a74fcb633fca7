"""What ``notify`` will send: rendered while planning, from the leads as the step found them; sent after the run."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from leadops.analysis.render import TemplateMissing
from leadops.engine.plan.diff.lead import Diffed
from leadops.engine.plan.diff.values import Values
from leadops.model.plan import Effect, Notify, Placeholder, Plan, ReadTimeline, Report, Step, Template, When
from leadops.model.saved import Message
from leadops.predicate.evaluate import holds
from leadops.predicate.facts import Facts

_SHOWN = 80
"""Characters of a message in the plan's notes."""


def step_messages(
    step: Step, plan: Plan, diffed: Sequence[Diffed], facts: Facts
) -> tuple[tuple[Message, ...], Counter[str]]:
    """Return the step's messages, and how many leads have no text, by reason.

    One message a step, or one a lead where the text reads the lead or its row, or stands in ``when``. They are about
    the leads that the step changes; in a step that changes nothing, about all that it finds.
    """
    silent: Counter[str] = Counter()
    changing = changes_leads(step.effects)
    about = [one for one in diffed if one.changes or not changing]
    if step.limit is not None:
        about = about[: step.limit]
    found: list[Message] = []
    for effect in step.effects:
        match effect:
            case Notify() | When():
                whole = isinstance(effect, Notify) and not _per_lead(effect.text)
                for one in about[:1] if whole else about:
                    values = Values(plan, step, one.case.lead, one.case.row)
                    for inner in _notices((effect,), values, facts):
                        try:
                            parts, secrets = _text(inner.text, values)
                        except TemplateMissing as missing:
                            silent[missing.reason] += 1
                        else:
                            ref = None if whole else one.ref
                            found.append(Message(inner.name, parts, secrets, ref, needs_change=changing))
            case _:
                continue
    return tuple(found), silent


def message_notes(messages: Sequence[Message], silent: Counter[str]) -> Iterator[str]:
    """Yield what a plan says about its messages; a secret's value is not in it."""
    for name in dict.fromkeys(message.to for message in messages):
        own = [message for message in messages if message.to == name]
        text = "***".join(own[0].parts)
        text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        more = f" and {len(own) - 1} more" if len(own) > 1 else ""
        yield f"after the run “{name}” is told: {text}{more}"
    for reason, many in silent.items():
        yield f"{many} leads have no text to notify with: {reason}"


def changes_leads(effects: Iterable[Effect]) -> bool:
    """Whether any of ``effects`` can change a lead; ``limit`` of a step without takes the first that it finds."""
    return any(
        changes_leads((*effect.then, *effect.otherwise))
        if isinstance(effect, When)
        else not isinstance(effect, Notify | Report | ReadTimeline)
        for effect in effects
    )


def _notices(effects: Iterable[Effect], values: Values, facts: Facts) -> Iterator[Notify]:
    for effect in effects:
        match effect:
            case Notify():
                yield effect
            case When(condition, then, otherwise):
                yield from _notices(
                    then if holds(condition, values.lead, facts) else otherwise, values, facts
                )
            case _:
                continue


def _per_lead(template: Template) -> bool:
    return any(isinstance(part, Placeholder) and part.root in {"lead", "row"} for part in template.parts)


def _text(template: Template, values: Values) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the text cut where secrets stand, and the secrets' names; raises TemplateMissing."""
    hidden = {one.name for one in values.plan.parameters if one.secret}
    parts, secrets = [""], list[str]()
    for part in template.parts:
        if isinstance(part, Placeholder) and part.root == "param" and part.path[0] in hidden:
            secrets.append(part.path[0])
            parts.append("")
        else:
            parts[-1] += values.text(Template((part,), template.text))
    return tuple(parts), tuple(secrets)
