"""`gishe`, also `python -m bot`. What runs for weeks begins anew without what only developers read."""

import os
import sys

LEAN = ("-OO", "-X", "no_debug_ranges")  # Docstrings, and columns in tracebacks: ten megabytes.


def main() -> int:
    if sys.argv[1:2] == ["run"] and sys.flags.optimize < 2 and os.name == "posix":
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *LEAN, *sys.orig_argv[1:]])  # noqa: S606 – ourselves, as we were called
    from bot.command_line import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
