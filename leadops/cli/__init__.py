"""The command line: main, console, settings, wiring, commands."""
