"""What follows a run: go on with it, give it up, retry, undo, verify, resolve, forget. One module each."""
