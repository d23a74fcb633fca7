"""Nothing leaves on an old judgement: leads are read again and judged anew. Start with ``staleness``."""
