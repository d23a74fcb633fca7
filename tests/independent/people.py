"""People who work with the leads while a client does: they move leads, and what is written to a moved one is seen."""

import random
from dataclasses import dataclass, field

MOVES = ({"status": "Lost"}, {"rating": 2}, {"status": "Lost", "rating": 1})


@dataclass(slots=True)
class People:
    """Somebody at the dashboard of ``server``.

    Attributes:
        moved: by lead id, the fields that were set by hand.
        since: by lead id, how many calls the server had seen by then.
    """

    server: object
    seed: int = 1
    moved: dict = field(default_factory=dict)
    since: dict = field(default_factory=dict)
    chance: random.Random = field(init=False)

    def __post_init__(self):
        self.chance = random.Random(self.seed)

    def move(self, lead, **fields):
        """Set fields of a lead by hand."""
        with self.server.lock:
            lead.fields.update(fields)
            lead.modified = self.server.world.tick(self.server._now())
            self.moved[lead.id] = {**self.moved.get(lead.id, {}), **fields}
            self.since[lead.id] = len(self.server.calls)

    def move_some(self, leads, share=0.5):
        """Move a share of the leads that nobody has moved yet, in some way."""
        for lead in sorted(leads, key=lambda one: one.id):
            if lead.id not in self.moved and self.chance.random() < share:
                self.move(lead, **self.chance.choice(MOVES))

    def written_over(self):
        """Return the writes to moved leads that came after they were moved."""
        return [
            (call.path, call.body)
            for at, call in enumerate(self.server.calls)
            if call.writes
            and len(parts := call.path.split("/")) > 2
            and parts[2] in self.since
            and at >= self.since[parts[2]]
        ]
