"""The app on a port or in process: routes, tokens, the schedule, faults that bend requests and answers. Start with ``app``."""
