"""One emulated workspace: its definition, leads, timelines, clock, habits, and what happens in it. Start with ``world``."""
