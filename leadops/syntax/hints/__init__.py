"""What a mistake was meant to be, and a text that would be right. Start with ``diagnosis``; ``trial`` is the law of all."""
