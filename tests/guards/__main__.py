"""`python -m tests.guards [FOLDER]`: every breach of a law, one a line; exit 1 if there is any."""

import sys
from pathlib import Path

from tests.guards.laws import breaches


def main() -> int:
    """Look through the folder, the checkout itself unless another is named."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    found = list(breaches(root))
    for breach in found:
        print(breach, file=sys.stderr)
    if found:
        print(f"{len(found)} breach(es) of the laws of the house (docs/adr/0012).", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
