"""E-mails as they are sent: plain text, and the same as simple HTML."""

from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from batches.notifications.queries.mails import MailToSend, address_of
from batches.notifications.rules.mails import subject


def message_of(mail: MailToSend, server: Any) -> EmailMultiAlternatives:
    """The message, its times in the reader's zone; a second attempt bears the same Message-ID."""
    said = {
        "lines": mail.lines,
        "notices": mail.notices,
        "signings": mail.signings,
        "signatures": address_of(reverse("signatures")),
        "total": mail.total,
        "more": mail.total - len(mail.lines),
        "zone": mail.zone,
        "now": mail.now,
        "inbox": address_of(reverse("inbox")),
        "settings": address_of(reverse("notification_settings")),
    }
    with timezone.override(ZoneInfo(mail.zone)):
        text = render_to_string("batches/notifications/mail.txt", said)
        html = render_to_string("batches/notifications/mail.html", said)
    message = EmailMultiAlternatives(
        subject=subject(mail.lines, mail.total, [one.site.name for one in mail.notices], signings=len(mail.signings)),
        body=text,
        to=[mail.address],
        connection=server,
        headers={"Message-ID": f"<{mail.id}@{_domain()}>", "Auto-Submitted": "auto-generated", **_priority(mail)},
    )
    message.attach_alternative(html, "text/html")
    return message


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def _priority(mail: MailToSend) -> dict[str, str]:
    return {"Importance": "high"} if mail.is_critical else {}
