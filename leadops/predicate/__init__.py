"""Conditions: normal form and the local evaluator."""
