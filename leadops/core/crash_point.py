"""Places where the kill loop of the tests ends the process with SIGKILL.

Without LEADOPS_CRASH_AT in the environment a crash point costs one comparison.
"""

import os
import signal

_LEFT = [int(os.environ.get("LEADOPS_CRASH_AT", "0"))]


def crashpoint(name: str) -> None:
    """Kill this process if this is the crash point that was asked for; ``name`` is for the one who reads traces."""
    if not _LEFT[0]:
        return
    _LEFT[0] -= 1
    if not _LEFT[0]:
        trace = os.environ.get("LEADOPS_CRASH_TRACE")
        if trace:
            with open(trace, "a", encoding="utf-8") as file:  # noqa: PTH123 (the shortest way to the kill)
                file.write(f"{name}\n")
        os.kill(os.getpid(), signal.SIGKILL)
