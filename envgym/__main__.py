"""``python -m envgym``: the command line, as the console script ``envgym`` runs it."""

from envgym.cli import main

if __name__ == "__main__":
    main()
