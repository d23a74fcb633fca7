"""Which changes: steps simulated in order, guarded, priced, digested. In: a program. Out: a plan. Start with ``planner``."""
