"""``python -m leadops`` is the command ``leadops``."""

from leadops.cli.main import main

if __name__ == "__main__":
    main()
