"""Putting a new fact at the end of its order, under the seal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from supplychain.audit.signing import Proof
from supplychain.ids import new_id
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.rules.events import EventReport, content_hash, seal_of
from supplychain.orders.rules.states import Fact
from supplychain.people.models import User
from supplychain.sites.queries import code_of_site
from supplychain.systems.models import SourceSystem

EVENT_TABLE = "supplychain_statusevent"
EVENT_COLUMNS = (*Fact._fields[1:8], "id", "order_id", "position", "source_id", "user_id", "source_event_id",
                 "content_hash", "hash", "lacked_scope")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who speaks: a source system, or a person with their rights (site and role); and whose orders they may touch.

    `proof`: that the person has just shown who they are, so that what they decide is signed.
    """

    site_ids: frozenset[UUID]
    source: SourceSystem | None = None
    user: User | None = None
    rights: tuple[tuple[UUID, str], ...] = ()
    proof: Proof | None = None

    @classmethod
    def of_source(cls, source: SourceSystem) -> Self:
        """The system itself, for the sites it was set up for."""
        return cls(frozenset(source.sites.values_list("pk", flat=True)), source=source)

    @classmethod
    def of_user(cls, user: User, proof: Proof | None = None) -> Self:
        """A person, for the sites of their memberships. Raises ValueError for the proof of somebody else."""
        if proof and proof.user_id != user.pk:
            raise ValueError("Nobody signs with what another person has shown.")
        return cls(frozenset(user.site_ids()), user=user, rights=tuple(user.rights), proof=proof)

    @property
    def own_sites(self) -> dict[UUID, str]:
        """Codes of the reporter's sites by id: under these it issues identifiers, and under no other."""
        return {site_id: code_of_site(site_id) for site_id in self.site_ids}

    @property
    def key(self) -> str:
        """The id under which this reporter's event ids are unique."""
        return str(self.source.pk if self.source else self.user.pk if self.user else "")


def content_of(order_id: UUID, report: EventReport) -> str:
    """The hash of what `report` says of the order."""
    return content_hash(
        order_id,
        attempt=report.attempt,
        kind=report.kind,
        stage=report.stage,
        occurred_at=report.occurred_at,
        resource=report.resource,
        payload=report.payload,
    )


def append_fact(
    order: LockedOrder, report: EventReport, content: str, *, by: Reporter, now: datetime, lacked_scope: str = ""
) -> tuple[Fact, tuple[Any, ...]]:
    """The fact for the fold and its row of EVENT_COLUMNS; seals the order anew.

    `lacked_scope`: the right that the sender did not have at this moment. It is under the seal, too.
    """
    event_id, reporter = new_id(), by.key
    order.version += 1
    order.last_recorded_at = now
    order.seal = seal_of(
        order.seal,
        event_id=event_id,
        reporter=reporter,
        source_event_id=report.source_event_id,
        recorded_at=now,
        content=content,
        lacked_scope=lacked_scope,
    )
    said = (
        report.kind,
        report.stage,
        report.attempt,
        report.occurred_at,
        now,
        report.resource,
        report.payload,
    )
    source_id, user_id = by.source and by.source.pk, by.user and by.user.pk
    link = (event_id, order.id, order.version, source_id, user_id, report.source_event_id, content, order.seal)
    fact = Fact(event_id, *said, reporter, report.source_event_id, lacked_scope, order.version, by.source is not None)
    return fact, (*said, *link, lacked_scope)
