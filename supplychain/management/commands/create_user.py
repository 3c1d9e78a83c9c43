"""`manage.py create_user --username NAME --role ROLE --sites CODE,CODE`: a person who may sign in."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from supplychain.audit.refusals import Refused
from supplychain.people.actions import add_membership, create_user
from supplychain.people.statuses import Role


class Command(BaseCommand):
    """Reads the options and the password, calls the actions."""

    help = "Create a person with a role at one or more sites. Asks for the password, or reads it from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the person."""
        parser.add_argument("--username", required=True)
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--sites", required=True, help="codes, separated by commas")

    def handle(self, *, username: str, role: str, sites: str, **options: Any) -> None:
        """Create the person with all memberships, or nothing: then say why and end with status 1."""
        names = {field: options[field] for field in ("first_name", "last_name", "email")}
        codes = [code.strip() for code in sites.split(",") if code.strip()]
        try:
            with transaction.atomic():
                user = create_user(username=username, password=_password(), **names, by=None)
                for code in codes:
                    add_membership(user=user, site=code, role=Role(role), by=None)
        except Refused as refusal:
            raise CommandError(refusal.as_lines()) from refusal
        self.stdout.write(f"{user.username} may sign in: {Role(role).label} at {', '.join(codes)}.")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password: ")
    if getpass("Again: ") != password:
        raise CommandError("The two passwords differ.")
    return password
