"""The command line. ``main`` is the console script; commands load when they are called."""

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run ``envgym`` with these arguments (default: the process's own) and exit.

    Exit codes: 0 done; 1 the command ran and the answer is no, or our side failed; 2 the
    arguments or files given cannot be used; 130 interrupted.
    """
    from envgym.cli.app import run

    sys.exit(run(sys.argv[1:] if args is None else args))
