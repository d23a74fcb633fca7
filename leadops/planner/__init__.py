"""Conditions compiled to the fewest searches: set algebra, push-down, compliance, cost, explain."""
