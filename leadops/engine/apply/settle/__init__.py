"""What became of a request: what an answer proves, and what is looked for when none came. Start with ``outcome``."""
