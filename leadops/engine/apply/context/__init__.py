"""What all workers of a run share: its context, each lead's queue of ops, what may still fail. Start with ``run_context``."""
