#!/usr/bin/env python
"""Runs CellOps' commands: `python manage.py help` lists them."""

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cellops.settings")
    from django.core.management import execute_from_command_line

    from supplychain.garbage import collect_seldom

    collect_seldom()  # a fifth of the time of `migrate`
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
