"""A playbook's own tests, run without the network: on a world made in the sandbox from the user's schema."""
