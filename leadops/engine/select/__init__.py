"""Which leads: a step's condition becomes searches, is read, and is decided. In: a step. Out: a Selection. Start with ``selector``."""
