"""Vocabulary of places and failures: positions, diagnostics, errors, excerpts, suggestions, clock, text."""
