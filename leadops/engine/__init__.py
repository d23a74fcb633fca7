"""Running a plan: select, diff, guard, apply, reconcile, resume, undo. Declares the ports that it uses."""
