"""One lead and one step's effects to changes. Start with ``lead``."""
