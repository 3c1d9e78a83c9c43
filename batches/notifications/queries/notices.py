"""Readings for notices: whose reviews fail, who is told of it, and whom to mail it."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from batches.lines.models import PoolState
from batches.lines.rules.failures import FailingReview
from batches.notifications.models import Mail, NotificationPreference, ReviewNotice, SigningNotice
from supplychain.audit.models import RefusedSigning
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role


def failing_sites() -> dict[UUID, FailingReview]:
    """By site, the review that has failed for longest; one query."""
    rows = PoolState.objects.filter(failing_since__isnull=False).order_by("-failing_since", "-failing_why")
    return {
        site: FailingReview(since, why)
        for site, since, why in rows.values_list("pool__site_id", "failing_since", "failing_why")
    }


def administrators_of(sites: Collection[Any]) -> list[tuple[UUID, UUID]]:
    """(site, person) of those who administer these sites and may sign in; one query."""
    rows = Membership.objects.filter(site__in=list(sites), role=Role.ADMINISTRATOR, user__is_active=True)
    return list(rows.values_list("site_id", "user_id").distinct())


def people_to_tell(refused: RefusedSigning) -> list[UUID]:
    """Who learns that somebody could not sign: quality assurance and administrators of the plant, administrators of the
    order's other sites to which the signer belongs, and the signer, who alone knows whether it was they."""
    order, signer = refused.order, refused.user
    sites = {order.ordering_site_id, order.collection_site_id, order.infusion_site_id} & set(
        signer.site_ids() if signer else ()
    )
    at_plant = Q(site=order.plant_id, role__in=(Role.QA, Role.ADMINISTRATOR))
    rows = Membership.objects.filter(at_plant | Q(site__in=sites, role=Role.ADMINISTRATOR), user__is_active=True)
    people = dict.fromkeys(rows.order_by("user").values_list("user_id", flat=True))
    return list(people | ({signer.pk: None} if signer and signer.is_active else {}))


def signing_notices_for(user: User) -> list[SigningNotice]:
    """What the person has not seen yet of attempts to sign that were refused, the oldest first; one query."""
    rows = SigningNotice.objects.filter(person=user, ended_at=None)
    return list(rows.select_related("refused__by", "signer", "order").order_by("created_at"))


def signing_notices_of(mail_id: UUID) -> Sequence[SigningNotice]:
    """The same of an e-mail; one query."""
    rows = SigningNotice.objects.filter(mail=mail_id, ended_at=None)
    return list(rows.select_related("refused__by", "signer", "order").order_by("created_at"))


def notices_for(user: User) -> list[ReviewNotice]:
    """What stands for an administrator, the oldest first; one query, none for anybody else."""
    if not user.site_ids(Role.ADMINISTRATOR):
        return []
    return list(ReviewNotice.objects.filter(person=user, ended_at=None).select_related("site").order_by("created_at"))


def people_with_notices() -> list[UUID]:
    """Who has a notice that was not mailed, wants critical matters by e-mail, and has no open e-mail; one query."""
    open_mail = Mail.objects.filter(person=OuterRef("person"), is_alarm=False, sent_at=None, given_up_at=None)
    unwanted = NotificationPreference.objects.filter(person=OuterRef("person"), email_critical=False)
    due = (
        table.objects.filter(~Exists(open_mail), ~Exists(unwanted), ended_at=None, mail=None).exclude(person__email="")
        for table in (ReviewNotice, SigningNotice)
    )
    reviews, signings = (rows.order_by().values_list("person", flat=True) for rows in due)
    return sorted(reviews.union(signings))


def notices_of(mail_id: UUID) -> Sequence[ReviewNotice]:
    """What an e-mail says of reviews that still fail; one query."""
    return list(ReviewNotice.objects.filter(mail=mail_id, ended_at=None).select_related("site").order_by("created_at"))
