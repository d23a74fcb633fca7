"""The simulated service with a clock of its own."""

from leadops.model.query import Calls
from tests.simulation.service import Service


class Abroad(Service):
    """A service whose clock is off; a client knows by how much once it has heard from it."""

    def __init__(self, world, clock, offset_ms):
        super().__init__(world, _Off(clock, offset_ms))
        self.offset_ms = offset_ms
        self.before = Calls()

    @property
    def calls(self):
        calls = super().calls
        return Calls(calls.reads - self.before.reads, calls.writes - self.before.writes)

    def new_client(self):
        self.before, self.skew_ms = super().calls, 0

    async def _reading(self):
        await super()._reading()
        self.skew_ms = self.offset_ms


class _Off:
    def __init__(self, clock, offset_ms):
        self.clock, self.offset_ms = clock, offset_ms

    def now_ms(self):
        return self.clock.now_ms() + self.offset_ms
