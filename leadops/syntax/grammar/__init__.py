"""The text before it has a meaning: its places, a first look at it, the parse tables. Start with ``parse_tables``."""
