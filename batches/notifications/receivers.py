"""What notifications do when somebody handled a flag."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from batches.flags.models import Flag, FlagChange
from batches.flags.signals import flag_assigned, flag_handled, flag_settled
from batches.notifications.actions.notices import tell_refused_signing
from batches.notifications.actions.notifications import mark_flag_read, tell_assigned, tell_settled
from supplychain.audit.models import RefusedSigning
from supplychain.people.models import User
from supplychain.sign_in.signals import signing_refused


@receiver(flag_handled)
def read_what_was_handled(flag: Flag, by: User, now: datetime, **_: Any) -> None:
    """Who handled a flag has read of it."""
    mark_flag_read(flag_id=flag.pk, by=by, now=now)


@receiver(flag_assigned)
def tell_whose_it_is(flag: Flag, change: FlagChange, to: User, now: datetime, **_: Any) -> None:
    """Who is to act learns of it."""
    tell_assigned(flag=flag, change=change, to=to, now=now)


@receiver(flag_settled)
def tell_that_it_is_settled(flag: Flag, change: FlagChange, by: User, now: datetime, **_: Any) -> None:
    """Who was told of the doubt, and may have put the dose aside, learns what was decided."""
    tell_settled(flag=flag, change=change, by=by, now=now)


@receiver(signing_refused)
def tell_of_refused_signing(refused: RefusedSigning, **_: Any) -> None:
    """Quality assurance and administrators learn at once that somebody could not sign, and so does the signer."""
    tell_refused_signing(refused)
