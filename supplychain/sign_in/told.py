"""Who is told that an administrator changed the address to which the links for new passwords go.

Whoever reads those mails could sign as the person: use by others must take two (21 CFR 11.200(a)(3)).
"""

import smtplib
from functools import partial
from typing import Any

import structlog
from django.core.mail import EmailMessage
from django.db import transaction
from django.dispatch import receiver
from django.template.loader import render_to_string

from supplychain.people.models import Membership, User
from supplychain.people.signals import address_changed
from supplychain.people.statuses import Role

log = structlog.get_logger(__name__)


@receiver(address_changed, dispatch_uid="tell_address_changed")
def tell_address_changed(user: User, old: str, by: User | None, **_: Any) -> None:
    """The old address, and quality assurance of the person's sites, once it is changed."""
    people = User.objects.filter(memberships__role=Role.QA, memberships__site__in=_sites(user), is_active=True)
    quality = people.exclude(pk__in=[user.pk, *([by.pk] if by else [])]).exclude(email="")
    addresses = dict.fromkeys([*filter(None, [old]), *quality.values_list("email", flat=True)])
    context = {"person": user, "by": by or "A command on the server"}
    text = render_to_string("account/email/address_changed_message.txt", context)
    subject = render_to_string("account/email/address_changed_subject.txt", context).strip()
    log.warning("address changed", username=user.username, by=by.username if by else "a command")
    for address in addresses:
        transaction.on_commit(partial(_send, address, subject, text))


def _sites(user: User) -> Any:
    return Membership.objects.filter(user=user).values("site")


def _send(address: str, subject: str, text: str) -> None:
    """What was changed stays changed though a mail cannot be sent; the log says so."""
    mail = EmailMessage(subject, text, to=[address], headers={"Auto-Submitted": "auto-generated"})
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        log.error("mail not sent", template="address_changed", error=str(error))
