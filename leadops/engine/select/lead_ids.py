"""Which id a lead has where search rows carry none: by its identifier in the local index, never by row order.

An id from the index is a claim. Before its first write it is verified: the lead of that id has this identifier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from leadops.core.errors import LeadGoneError, UnreadableError
from leadops.model.change import LeadRef
from leadops.model.lead import UNREADABLE_HELP, Lead
from leadops.model.saved import Refusal
from leadops.model.schema import Field, Schema
from leadops.planner.lookup import canonical
from leadops.planner.ports import IdIndex, Reader

REMEDY = (
    "export the leads from the CRM's dashboard (or take recorded workflow pushes) and run `leadops ids import FILE`, "
    "or allow field updates without ids: `limits { lane async }`"
)


@dataclass(slots=True)
class Resolver:
    """Gives rows their ids, and records the ids of rows that carry one.

    Attributes:
        indexed: ids that came from the index and are still to be verified before a write.
        doubled: identifiers that more than one row had, where rows carry no id.
    """

    index: IdIndex
    schema: Schema
    country_code: str = "91"
    indexed: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    _claims: dict[str, int] = field(default_factory=dict)

    @property
    def by(self) -> Field:
        """The field that names a lead."""
        return self.schema.identifier

    def identifier(self, lead: Lead) -> str:
        """Return the lead's identifier in canonical form; empty where it has none."""
        return canonical(lead.fields.get(self.by.api_name), self.by, self.country_code)

    def resolve(self, leads: Sequence[Lead]) -> tuple[Lead, ...]:
        """Return ``leads``, in order, with the ids that rows or the index tell; None stays where they do not."""
        self.index.remember(
            [
                (name, lead.id)
                for lead in leads
                if lead.id is not None and not lead.unreadable and (name := self.identifier(lead))
            ]
        )
        return tuple(self.assigned(lead) for lead in leads)

    def assigned(self, lead: Lead) -> Lead:
        """Return ``lead`` with its own id, else the one id that the index has for its identifier."""
        if lead.id is not None:
            return lead
        name = self.identifier(lead)
        if name and self._claims.setdefault(name, lead.created_ms or 0) != (lead.created_ms or 0):
            self.doubled.add(name)
            return lead
        ids = self.index.ids_of(name) if name else ()
        if len(ids) != 1:
            return lead
        self.indexed.add(ids[0])
        return replace(lead, id=ids[0])

    def distinct(self, leads: Sequence[Lead]) -> tuple[Lead, ...]:
        """Return ``leads`` without ids from the index where more than one lead has the identifier."""
        return tuple(
            replace(lead, id=None)
            if lead.id in self.indexed and self.identifier(lead) in self.doubled
            else lead
            for lead in leads
        )

    def unreadable(self, leads: Iterable[Lead]) -> tuple[Refusal, ...]:
        """Return a refusal for each of ``leads``, none of which can be read."""
        return tuple(
            Refusal(
                LeadRef(lead.id, str(lead.fields.get(self.by.api_name) or ""), lead.name),
                f"the service's answer about this lead cannot be read: {lead.unreadable}",
                UNREADABLE_HELP,
            )
            for lead in leads
        )

    def refusals(self, leads: Sequence[Lead]) -> tuple[Refusal, ...]:
        """Return why each lead without id has none, with the remedy."""
        return tuple(self._refusal(lead) for lead in leads if lead.id is None)

    def _refusal(self, lead: Lead) -> Refusal:
        name = self.identifier(lead)
        ref = LeadRef(None, str(lead.fields.get(self.by.api_name) or ""), lead.name)
        if not name:
            return Refusal(ref, f"the search row has neither an id nor a {self.by.api_name}", REMEDY)
        if name in self.doubled:
            reason = (
                f"several leads have the {self.by.api_name} {ref.identifier}: which id is whose is not known"
            )
            return Refusal(ref, reason, "merge them in the CRM, or change them there")
        ids = self.index.ids_of(name)
        if len(ids) > 1:
            reason = f"the index knows {len(ids)} ids for {ref.identifier}: {', '.join(ids)}"
            return Refusal(ref, reason, "run `leadops ids import FILE` with a fresh export")
        return Refusal(
            ref, "the service's search rows carry no id, and the index does not know this lead", REMEDY
        )


async def verify_id(reader: Reader, lead: Lead, schema: Schema, country_code: str = "91") -> Lead | Refusal:
    """Return the lead as a GET of its id reads it (the before-image), or why the id is not this lead's.

    One call. ``lead.id`` is not None.
    """
    assert lead.id is not None
    by = schema.identifier
    ref = LeadRef(lead.id, str(lead.fields.get(by.api_name) or ""), lead.name)
    try:
        read = await reader.lead(lead.id)
    except LeadGoneError:
        read = None
    except UnreadableError as error:
        return Refusal(ref, error.message, UNREADABLE_HELP)
    if read is None:
        return Refusal(ref, f"the index gives this lead the id {lead.id}, and there is no such lead", REMEDY)
    there = canonical(read.fields.get(by.api_name), by, country_code)
    if there != canonical(lead.fields.get(by.api_name), by, country_code):
        reason = (
            f"the index gives this lead the id {lead.id}, which is the lead {there or 'without identifier'}"
        )
        return Refusal(ref, reason, "run `leadops ids import FILE` with a fresh export")
    if None not in {lead.created_ms, read.created_ms} and lead.created_ms != read.created_ms:
        reason = (
            f"the index gives this lead the id {lead.id}, which is another lead of the same {by.api_name}"
        )
        return Refusal(ref, reason, "merge them in the CRM, or change them there")
    return replace(read, id=lead.id)
