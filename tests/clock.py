"""The clock of the processes that tests start.

`make days` runs suites under other dates: libfaketime is preloaded and moves the clock. A test that gives a process an
environment of its own puts CLOCK into it, so that the process sees the same date as the test.
"""

import os

CLOCK = {
    name: os.environ[name]
    for name in os.environ
    if name in {"LD_PRELOAD", "DONT_FAKE_MONOTONIC", "TZ"} or name.startswith("FAKETIME")
}
"""The variables that move the clock; empty when it is the machine's own."""
