"""What the service makes of the fields and actions that a write carries: what it keeps and what it remarks on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from leadops.sandbox.api.replies import RefusalError, bad_request
from leadops.sandbox.api.rows import PAYMENT
from leadops.sandbox.world.definition import FieldDefinition, Kind
from leadops.sandbox.world.values import Accepted, Refused, Rules
from leadops.sandbox.world.world import Entry, World

PAYMENT_STATUSES = ("PENDING", "COMPLETED", "FAILED", "REFUNDED", "CANCELLED", "PROCESSING")
CURRENCIES = ("INR", "USD", "PKR", "AED", "QAR", "SAR", "MYR", "AUD", "CAD", "SGD", "XOF")
ENTRY_KEYS = frozenset({"type", "fields", "created_on", "status", "currency", "amount", "paymentid"})
"""All that an entry of a write of actions may hold."""
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,4})?")


@dataclass(slots=True)
class Kept:
    """The fields that are stored, those that are cleared, and the remarks on the rest."""

    fields: dict[str, object] = field(default_factory=dict)
    cleared: list[str] = field(default_factory=list)
    remarks: list[dict[str, str]] = field(default_factory=list)

    def remark(self, path: str, text: str) -> None:
        """Add a remark."""
        self.remarks.append({"field": path, "status": "IGNORED", "remark": text})


def is_emptying(world: World, kind: Kind, value: object) -> bool | None:
    """Return True when ``value`` clears a field, False when it is an ignored attempt, None when it is a value."""
    position = world.switches["clearing"]
    if value is None:
        return position in {"null", "both"}
    if value == "" or (value == [] and kind is Kind.TAGS):
        return position in {"empty", "both"}
    return None


def keep_on_create(world: World, fields: Mapping[str, object]) -> Kept:
    """Return what a create keeps: each bad field is dropped alone and remarked on."""
    kept = Kept()
    rules = world.rules
    for name, value in fields.items():
        known = rules.workspace.field(name)
        if known is None:
            if world.switches["unknown_field_create"] == "remark":
                kept.remark(f"fields.{name}", "Field does not exist")
            continue
        if is_emptying(world, known.kind, value) is not None:
            kept.remark(f"fields.{name}", "Value is empty")
            continue
        taken = rules.accept(known, value)
        if isinstance(taken, Refused):
            kept.remark(f"fields.{name}", taken.remark)
        else:
            kept.fields[name] = taken.value
            world.add_options(name, taken.new_labels)
    return kept


def keep_on_update(world: World, fields: Mapping[str, object]) -> Kept:
    """Return what an update keeps; what it drops, it drops without a word.

    Raises:
        RefusalError: 403 for the identifier; 400 for a value that the switches do not let it drop.
    """
    kept = Kept()
    rules = world.rules
    if rules.workspace.identifier in fields:
        raise RefusalError(403, "INVALID_LEAD", "Cannot modify lead identifier field")
    taken: dict[str, Accepted] = {}
    for name, value in fields.items():
        known = rules.workspace.field(name)
        if known is None:
            _refuse_if(world, "update_unknown_field", f"Field {name} does not exist")
        elif known.locked:
            _refuse_if(world, "locked_field", f"Field {name} is locked after creation")
        elif (clears := is_emptying(world, known.kind, value)) is not None:
            kept.cleared += [name] if clears else []
        else:
            result = rules.accept(known, value)
            if isinstance(result, Refused):
                _refuse_if(world, result.switch, f"{name}: {result.remark}")
            else:
                taken[name] = result
    for name, result in taken.items():
        kept.fields[name] = result.value
        world.add_options(name, result.new_labels)
    return kept


def _refuse_if(world: World, switch: str, message: str) -> None:
    if world.switches[switch] == "400":
        raise RefusalError(400, world.switches["validation_code"], message)


def check_types(world: World, actions: list[object]) -> None:
    """Refuse the whole request when one type may not be written by the API.

    Raises:
        RefusalError: 400.
    """
    for action in actions:
        if (
            not isinstance(action, dict)
            or not isinstance(action.get("type"), str)
            or not set(action) <= ENTRY_KEYS
        ):
            raise bad_request("Invalid action")
        kind = action["type"]
        prefixed = re.fullmatch(r"ACTION_[0-9]+", kind) and world.switches["prefixed_create"] == "drop"
        if kind != PAYMENT and not re.fullmatch(r"[0-9]+", kind) and not prefixed:
            raise bad_request("Only custom actions and payment actions can be created")


def keep_action(
    world: World, action: Mapping[str, object], path: str
) -> tuple[Entry | None, list[dict[str, str]]]:
    """Return the action as it is stored, or None when it is ignored, and the remarks."""
    kept = Kept()
    kind = str(action["type"])
    if kind == PAYMENT:
        return _keep_payment(world, action, path, kept), kept.remarks
    definition = world.rules.workspace.action(kind)
    if definition is None:
        kept.remark(f"{path}.type", "Action type does not exist")
        return None, kept.remarks
    fields = action.get("fields", {})
    if not isinstance(fields, dict):
        kept.remark(f"{path}.fields", "Fields must be an object")
        return None, kept.remarks
    spoilt = False
    labels: list[tuple[str, tuple[str, ...]]] = []
    for name, value in fields.items():
        known = definition.field(name)
        if known is None:
            kept.remark(f"{path}.fields.{name}", "Field does not exist")
            continue
        taken = _accept(world.rules, known, value)
        if isinstance(taken, Refused):
            kept.remark(f"{path}.fields.{name}", taken.remark)
            spoilt = True
        else:
            kept.fields[name] = taken.value
            labels.append((name, taken.new_labels))
    if spoilt and world.switches["action_bad_field"] == "drop_action":
        return None, kept.remarks
    for name, new in labels:
        world.add_action_options(kind, name, new)
    at = None
    if world.switches["predated_action"] == "honoured" and definition.predated:
        at = world.rules.instant(action.get("created_on"))
    return Entry(kind, {"fields": kept.fields}, at), kept.remarks


def _accept(rules: Rules, known: FieldDefinition, value: object) -> Accepted | Refused:
    return Refused("Value is empty") if value is None else rules.accept(known, value)


def _keep_payment(world: World, action: Mapping[str, object], path: str, kept: Kept) -> Entry | None:
    amount = action.get("amount")
    if action.get("status") not in PAYMENT_STATUSES:
        kept.remark(f"{path}.status", "Payment status is invalid")
    if action.get("currency") not in CURRENCIES:
        kept.remark(f"{path}.currency", "Currency is invalid")
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount) or float(amount) <= 0:
        kept.remark(f"{path}.amount", "Amount must be a numeric text above 0")
    if kept.remarks:
        return None
    detail = {key: action[key] for key in ("status", "currency", "amount")}
    if world.switches["payment_id"] == "kept" and isinstance(action.get("paymentid"), str):
        detail["paymentid"] = action["paymentid"]
    return Entry(PAYMENT, detail)
