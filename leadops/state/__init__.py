"""What survives a crash: journal, lock, rate bucket, run folders."""
