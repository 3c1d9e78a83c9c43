"""`manage.py reset_sign_in --username NAME`: a person who lost their second factor gets back in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from supplychain.people.models import User
from supplychain.sign_in.actions import reset_sign_in


class Command(BaseCommand):
    """Reads the options, calls the actions."""

    help = "Forget a person's second factors and end their sessions; with --single-sign-on also who they are there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the person."""
        parser.add_argument("--username", required=True)
        parser.add_argument("--single-sign-on", action="store_true", help="forget the link to the provider too")

    def handle(self, *, username: str, single_sign_on: bool, **options: Any) -> None:
        """Say what was done; status 1 if there is no such person."""
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"Nobody is called “{username}”.")
        factors, unlinked = reset_sign_in(
            user=user,
            second_factors=True,
            single_sign_on=single_sign_on,
            reason="manage.py reset_sign_in on the server",
            by=None,
            now=timezone.now(),
        )
        self.stdout.write(f"{username}: {factors} second factors and recovery codes forgotten, signed out everywhere.")
        if single_sign_on:
            self.stdout.write(f"{username}: {unlinked} links to single sign-on forgotten.")
