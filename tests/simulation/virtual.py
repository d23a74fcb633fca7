"""An event loop whose clock jumps ahead when there is nothing to do: hours of waiting pass in no time."""

import asyncio
import selectors


class _Jumping(selectors.BaseSelector):
    """Never waits: it moves the loop's clock to the next timer instead."""

    def __init__(self):
        self._inner = selectors.DefaultSelector()
        self.now = 0.0

    def register(self, fileobj, events, data=None):
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj):
        return self._inner.unregister(fileobj)

    def get_map(self):
        return self._inner.get_map()

    def close(self):
        self._inner.close()

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("every task waits for something that will never happen")
        if timeout > 0:
            self.now += timeout + 1e-9
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop."""

    def __init__(self):
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self):
        return self._jumping.now


class VirtualClock:
    """The loop's time as a Clock; ``start_ms`` is the wall clock when the loop was made."""

    def __init__(self, loop, start_ms):
        self._loop = loop
        self._start_ms = start_ms

    def now_ms(self):
        return self._start_ms + round(self._loop.time() * 1000)

    def monotonic(self):
        return self._loop.time()

    async def sleep(self, seconds):
        await asyncio.sleep(max(0.0, seconds))


def run_virtual(main, start_ms):
    """Run ``main(clock)`` to its end on a loop of its own."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main(VirtualClock(loop, start_ms)))
    finally:
        _cancel_all(loop)
        loop.close()


def _cancel_all(loop):
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
