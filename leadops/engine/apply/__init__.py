"""Making the changes of a plan, each with a durable intent before it leaves. In: a plan. Out: results. Start with ``executor``."""
