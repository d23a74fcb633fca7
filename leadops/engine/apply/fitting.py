"""Whether a saved plan is one of its playbook: what can be computed again is compared with what it says."""

from collections.abc import Iterator

from leadops.engine.apply.context.run_context import APPENDS
from leadops.engine.op_keys import change_key, new_lead, op_key
from leadops.engine.plan.guards import DEFAULT_LEADS, loads_of
from leadops.model.change import Change, Kind
from leadops.model.plan import Append, Effect, Plan, Rejects, When
from leadops.model.saved import Belt, SavedPlan


def misfits(saved: SavedPlan, plan: Plan) -> Iterator[str]:
    """Yield what of ``saved`` is not as ``plan``, its playbook compiled now, would have it, each as one sentence."""
    if [(p.name, p.type, p.secret, "" if p.secret else p.text) for p in plan.parameters] != [
        (p.name, p.type, p.secret, p.text) for p in saved.parameters
    ]:
        yield "its parameters are not those of its playbook"
    if saved.timezone != plan.timezone:
        yield f"its time zone is {saved.timezone}, and its playbook's {plan.timezone}"
    yield from _belts(saved, plan)
    secret = {one.name for one in plan.parameters if one.secret}
    born: set[str] = set()
    for number, (one, step) in enumerate(zip(saved.steps, plan.steps, strict=True), 1):
        if one.name != step.name:
            yield f"step {number} is called “{one.name}”, and “{step.name}” in its playbook"
        if one.windows != step.windows:
            yield f"the periods of step {number} are not those of its playbook"
        if step.limit is not None and loads_of(one.changes)[0] > step.limit:
            yield f"step {number} changes more leads than its limit {step.limit}"
        if any(set(message.secrets) - secret for message in one.messages):
            yield f"a message of step {number} names a secret that its playbook has not"
        rules = tuple(appends(step.effects))
        born |= {change.lead.identifier for change in one.changes if change.kind is Kind.CREATE}
        for at, change in enumerate(one.changes, 1):
            unknown = change.lead.id is None and change.lead.identifier not in born
            if unknown and change.kind is Kind.UPDATE and plan.limits.lane != "async":
                yield f"change {at} of step {number} updates a lead without id"
            if not isinstance(step.source, Rejects) and not _keyed(change, rules, plan):
                yield f"change {at} of step {number} has a key, or an “each run”, that its playbook does not give it"


def appends(effects: tuple[Effect, ...]) -> Iterator[Append]:
    """Yield every append of ``effects``, those of ``when`` included."""
    for effect in effects:
        if isinstance(effect, Append):
            yield effect
        elif isinstance(effect, When):
            yield from appends(effect.then)
            yield from appends(effect.otherwise)


def _keyed(change: Change, rules: tuple[Append, ...], plan: Plan) -> bool:
    """Whether a change's key is the one that its kind, step, lead and rule give."""
    lead = change.lead.id or change.lead.identifier
    if change.kind not in APPENDS:
        kind = change.kind.value
        more = change.action.action_id or "" if change.kind is Kind.UPDATE_ACTION and change.action else ""
        return change.key == change_key(kind, change.step, lead, more)
    return any(_made_by(rule, change, plan) for rule in rules)


def _made_by(rule: Append, change: Change, plan: Plan) -> bool:
    if change.action is None or rule.type != change.action.type:
        return False
    name = change.lead.id or new_lead(change.lead.identifier)
    key = op_key(plan.schema.enterprise_id, rule.rule, rule.type, rule.once.occurrence, name)
    if rule.once.kind == "run":
        head = f"{key[:48]}{change.step:08x}"
        return change.each_run and change.key.startswith(head) and len(change.key) == len(key)
    return not change.each_run and change.key == key and change.occurrence == rule.once.window


def _belts(saved: SavedPlan, plan: Plan) -> Iterator[str]:
    """Yield where a belt counts otherwise than the changes, or is looser than the playbook without an override."""
    leads, created = loads_of(saved.changes)
    names = [belt.name for belt in saved.belts]
    if len(set(names)) != len(names):
        yield "it has a belt twice"
    if saved.changes and not {"leads", "percent"} & set(names):
        yield "it has no belt for its leads"
    for name, stated in (
        ("leads", plan.limits.leads),
        ("percent", plan.limits.percent),
        ("calls", plan.limits.calls),
    ):
        belt = next((one for one in saved.belts if one.name == name), None)
        if belt is None and stated is not None and name != "percent":
            yield f"it lacks the belt {name} of its playbook"
        if belt is not None and belt.origin != "override":
            yield from _belt(belt, float(stated) if stated is not None else None)
    counted = next((one.count for one in saved.belts if one.name == "leads"), leads)
    if (
        counted not in {leads, leads - created} and counted < leads
    ):  # more: with those of a run finished first
        yield f"its belt leads counts {counted:g}, and its changes are on {leads}"


def _belt(belt: Belt, stated: float | None) -> Iterator[str]:
    most = stated
    if most is None and belt.origin == "default":
        most = float(DEFAULT_LEADS)
    if most is not None and belt.limit > most:
        yield f"its belt {belt.name} is {belt.limit:g}, and its playbook's {most:g}"
    if (belt.origin == "playbook") and stated is None:
        yield f"its belt {belt.name} is the playbook's, which states none"
