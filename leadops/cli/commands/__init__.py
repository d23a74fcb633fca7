"""One module a verb; each holds ``command``. Listed in cli/verbs.py."""
