"""Sending e-mails: decided on in the database, sent outside of any transaction, recorded before and after.

At least once: whoever is killed between sending and recording leaves a mail that is sent again when its lease ends,
under the same Message-ID, by which mail programs know it for the same. Twice is a nuisance, never is a silent alarm.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from smtplib import SMTPAuthenticationError, SMTPConnectError, SMTPException, SMTPServerDisconnected
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Exists, F, Min, OuterRef, Subquery

from batches.notifications.actions.mail_messages import message_of
from batches.notifications.models import Mail, Notification, ReviewNotice, SigningNotice
from batches.notifications.queries.mails import IS_ALARM, mail_to_send, people_to_mail
from batches.notifications.queries.notices import people_with_notices
from batches.notifications.rules.mails import GIVEN_UP_AFTER, OVER, pause
from supplychain.ids import new_id
from supplychain.leases import take

# Between two e-mails to one person; what comes in between is one e-mail afterwards.
BETWEEN_MAILS = timedelta(minutes=2)
# How long a claimed mail belongs to the worker that sends it; longer than an attempt may last.
LEASE = timedelta(minutes=2)
MOST_ERROR = 300
# Faults of the server or of our settings; any other SMTPException (itself an OSError) is about one mail.
UNREACHED = (SMTPConnectError, SMTPServerDisconnected, SMTPAuthenticationError)
log = structlog.get_logger(__name__)


class MailOutcome(Enum):
    """What became of the next e-mail. NONE: none is due."""

    NONE = "none"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"
    UNREACHED = "unreached"


@transaction.atomic
def gather_mails(*, now: datetime, limit: int = 500) -> int:
    """Put what is due by e-mail into one mail per person, alarms into one of their own. Returns how many mails.

    None for whom a mail is open or was sent a moment ago: a storm of flips is one mail; no alarm waits for
    that. While the server cannot be reached new mails wait for the next attempt, too.
    """
    people = people_to_mail(now=now, since=now - BETWEEN_MAILS, limit=limit)
    carried = {person for person, alarm, _ in people if not alarm}
    people += [(person, False, True) for person in people_with_notices() if person not in carried]
    if not people:
        return 0
    next_try = Mail.objects.filter(server_down=True, due_at__gt=now).aggregate(at=Min("due_at"))["at"]
    mails = [
        Mail(
            id=new_id(), person_id=person, is_alarm=alarm, is_critical=critical, created_at=now, due_at=next_try or now
        )
        for person, alarm, critical in people
    ]
    # Another worker may have opened one for the same person meanwhile: then that one carries the messages.
    Mail.objects.bulk_create(mails, ignore_conflicts=True)
    fill_mails([mail.pk for mail in mails], now=now)
    return len(mails)


def fill_mails(ids: Sequence[UUID], *, now: datetime) -> None:
    """Put what is due into these mails, whichever of them were kept: two statements, two more for notices."""
    opened = Mail.objects.filter(pk__in=ids, person=OuterRef("person"))
    due = Notification.objects.filter(email_due_at__lte=now, mail=None)
    # The next mail that goes out says what is over, whenever its digest would have come.
    ended = Notification.objects.filter(kind__in=OVER, email_due_at__isnull=False, mail=None)
    for messages, mails in (
        (due.filter(IS_ALARM), opened.filter(is_alarm=True)),
        (due.exclude(IS_ALARM) | ended, opened.filter(is_alarm=False)),
        (ReviewNotice.objects.filter(mail=None, ended_at=None), opened.filter(is_alarm=False)),
        (SigningNotice.objects.filter(mail=None, ended_at=None), opened.filter(is_alarm=False)),
    ):
        messages.filter(Exists(mails)).update(mail=Subquery(mails.values("pk")[:1]))


def send_next_mail(*, now: datetime, server: Any) -> MailOutcome:
    """Claim the most urgent mail that is due, send it over the connection `server`, record what became of it."""
    mail = _claim(now)
    if mail is None:
        return MailOutcome.NONE
    try:
        said = mail_to_send(mail.pk, now)
        if not (said.lines or said.notices or said.signings) or not said.address:
            _finish(mail, given_up_at=now, last_error="Nothing was left to say, or nobody to say it to.")
            return MailOutcome.DROPPED
        server.send_messages([message_of(said, server)])
    except DatabaseError:
        raise
    except OSError as error:
        return _failed(mail, error, now)
    except Exception as error:
        log.exception("an e-mail could not be made", mail=str(mail.pk))  # the others go on
        return _failed(mail, error, now)
    _finish(mail, sent_at=now, last_error="")
    return MailOutcome.SENT


@transaction.atomic
def _claim(now: datetime) -> Mail | None:
    due = Mail.objects.filter(due_at__lte=now).order_by("-is_alarm", "-is_critical", "due_at")
    for mail in take(due, now=now, lasts=LEASE, limit=1, due_at=now + LEASE, attempts=F("attempts") + 1):
        mail.attempts += 1
        return mail
    return None


def _finish(mail: Mail, **fields: Any) -> None:
    Mail.objects.filter(pk=mail.pk).update(due_at=None, server_down=False, lease=None, leased_until=None, **fields)


def _failed(mail: Mail, error: Exception, now: datetime) -> MailOutcome:
    """Try again later; a server that cannot be reached makes all others wait as long, rather than each try in turn."""
    text = f"{type(error).__name__}: {error}"[:MOST_ERROR].replace("\x00", "")
    if now - mail.created_at >= GIVEN_UP_AFTER:
        log.error("an e-mail was given up after two days", mail=str(mail.pk), error=text)
        _finish(mail, given_up_at=now, last_error=text)
        return MailOutcome.FAILED
    unreached = _is_of_server(error)
    next_at = now + pause(mail.attempts, is_critical=mail.is_critical or unreached)
    log.warning("an e-mail could not be sent", mail=str(mail.pk), error=text, next_attempt=next_at.isoformat())
    Mail.objects.filter(pk=mail.pk).update(
        due_at=next_at, server_down=unreached, last_error=text, lease=None, leased_until=None
    )
    if unreached:
        Mail.objects.filter(due_at__lte=next_at).exclude(pk=mail.pk).update(due_at=next_at, server_down=True)
    return MailOutcome.UNREACHED if unreached else MailOutcome.FAILED


def _is_of_server(error: Exception) -> bool:
    return isinstance(error, UNREACHED) or (isinstance(error, OSError) and not isinstance(error, SMTPException))
