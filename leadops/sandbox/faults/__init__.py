"""Data: what can go wrong and what people do meanwhile, when, and the file that holds it. Start with ``rules``."""
