"""What searches and timelines have told about leads: the ground on which Activity terms are decided."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from leadops.core.text import fold
from leadops.model.lead import Lead, TimelineAction
from leadops.model.predicate import Activity
from leadops.model.schema import Field, FieldType
from leadops.model.values import comparable, same

_PHONE = Field("phone", FieldType.PHONE, identifier=True)


@dataclass(slots=True)
class Facts:
    """Which leads an Activity term holds for, as far as somebody has asked.

    Attributes:
        identifier: the field that names a lead where its row has no id.
        country_code: of phones without one.
        appended: actions that earlier steps of the plan will make, by lead key; they count like the timeline's own.
        unborn: keys of leads that earlier steps will create; their timelines hold nothing but ``appended``.
        unknown: by lead key, fields of which nobody can say what they would be without this run's own writes.
    """

    identifier: Field = _PHONE
    country_code: str = "91"
    appended: Mapping[str, tuple[TimelineAction, ...]] = field(default_factory=dict)
    unborn: Collection[str] = ()
    unknown: Mapping[str, Collection[str]] = field(default_factory=dict)
    _known: dict[Activity, dict[str, bool]] = field(default_factory=dict)

    def key(self, lead: Lead) -> str:
        """Return what tells ``lead`` from all others: its id, else its identifier and creation time.

        Where a row tells none of them and cannot be read, its place tells it from others.
        """
        if lead.id is not None:
            return lead.id
        value = comparable(lead.fields.get(self.identifier.api_name), self.identifier.type, self.country_code)
        if value is None and lead.unreadable:
            return f"~{lead.unreadable}"
        return f"~{'' if value is None else value}@{lead.created_ms or 0}"

    def learn(self, term: Activity, asked: Iterable[str], holders: Collection[str]) -> None:
        """Note that of the leads with the keys ``asked``, the term holds for exactly those in ``holders``."""
        known = self._known.setdefault(term, {})
        for key in asked:
            known[key] = key in holders

    def is_unknown(self, name: str, lead: Lead) -> bool:
        """Whether the field's value says nothing about the lead."""
        return bool(self.unknown) and name in self.unknown.get(self.key(lead), ())

    def activity(self, term: Activity, lead: Lead) -> bool | None:
        """Return whether ``term`` holds for ``lead``; None while nobody has asked."""
        key = self.key(lead)
        if any(performed(term, action, self.country_code) for action in self.appended.get(key, ())):
            return True
        if key in self.unborn:
            return False
        if lead.timeline is not None:
            return any(performed(term, action, self.country_code) for action in lead.timeline)
        return self._known.get(term, {}).get(key)


def performed(term: Activity, action: TimelineAction, country_code: str = "91") -> bool:
    """Whether this single action satisfies all of ``term``."""
    if action.type not in term.types:
        return False
    if term.by and fold(action.performer) not in {fold(name) for name in term.by}:
        return False
    window = term.window
    if window and (action.at_ms is None or not window.start_ms <= action.at_ms < window.end_ms):
        return False
    return all(same(action.fields.get(h.key), h.value, h.type, country_code) for h in term.having)
