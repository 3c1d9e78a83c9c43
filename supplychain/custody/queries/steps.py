"""Readings of the steps at which two people are asked: who they were, and who may still confirm one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from supplychain.custody.rules.holdings import Holding
from supplychain.custody.rules.witnesses import AskedStep, asked_steps
from supplychain.orders.actions.store import load_facts
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.queries import order_state, sites_of
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.rules.second_people import CHECK_KINDS, LATEST, Asking, asks_two, checks_of, witness_problem
from supplychain.orders.rules.states import OrderState
from supplychain.people.models import User
from supplychain.sentences import moment_mark


def steps_of(order: PatientOrder, state: OrderState, chain: Sequence[Holding]) -> list[AskedStep]:
    """The steps of this order at which two people are asked; one query, none where its product asks nowhere."""
    if not asks_two(state.flow):
        return []
    facts = load_facts([order.pk], CHECK_KINDS)[order.pk]
    return asked_steps(state.flow, state.runs.values(), chain, checks_of(state.flow, facts, order.withdrawn_events))


class SecondPerson(NamedTuple):
    """Who the second person of a step is. `confirmed_at` None: the reporting system named them, nobody confirmed."""

    step: str
    reported_by: str
    name: str
    confirmed_at: datetime | None

    @property
    def words(self) -> str:
        """A sentence (moments as sentences.moment_mark has them)."""
        if self.confirmed_at is None:
            return f"{self.step}: second person {self.name}, as told by {self.reported_by}; not confirmed here."
        at = moment_mark(self.confirmed_at)
        return f"{self.step}: reported by {self.reported_by}, confirmed by {self.name} on {at}."


def second_people(steps: Iterable[AskedStep]) -> dict[int, list[SecondPerson]]:
    """By place in the chain, who the second person of each step was; one query. Who confirmed goes before who
    is told."""
    confirmed = [step for step in steps if step.is_confirmed]
    events = _events({event for step in confirmed for check in step.checks
                      for event in (check.event, *(one.event for one in check.witnesses))})  # fmt: skip
    found: dict[int, list[SecondPerson]] = {}
    for step in confirmed:
        found.setdefault(step.place, []).extend(_of_step(step, events))
    return found


def _of_step(step: AskedStep, events: Mapping[str, StatusEvent]) -> list[SecondPerson]:
    said = [(check, events[one.event]) for check in step.checks for one in check.witnesses]
    if said:
        return [SecondPerson(step.words, _reporter(events[check.event]), _reporter(event), event.recorded_at)
                for check, event in said]  # fmt: skip
    told = next(check for check in step.checks if check.told)
    return [SecondPerson(step.words, _reporter(events[told.event]), told.told, None)]


def _reporter(event: StatusEvent) -> str:
    return str(event.source or event.user)


def _events(ids: Collection[str]) -> dict[str, StatusEvent]:
    found = StatusEvent.objects.filter(pk__in=ids).select_related("source", "user") if ids else ()
    return {str(event.pk): event for event in found}


@dataclass(frozen=True, slots=True)
class StepOffer:
    """A step that lacks its second person: the report to confirm, and why this person does not confirm it;
    `is_in_time`: whether another still may."""

    words: str
    at: datetime
    event: UUID
    reported_by: str
    why_not: str
    is_in_time: bool


def step_offers(order: PatientOrder, user: User, steps: Iterable[AskedStep], now: datetime) -> list[StepOffer]:
    """The steps that lack a second person, for this person; one query where there are some."""
    if not (open_steps := [step for step in steps if not step.is_confirmed and step.checks]):
        return []
    events = _events({check.event for step in open_steps for check in step.checks})
    state = order_state(order)
    asking = Asking(str(user.pk), str(user), roles_at(sites_of(order), user.rights))
    offers = []
    for step in open_steps:
        said = sorted((events[check.event] for check in step.checks), key=lambda one: one.position, reverse=True)
        why = [witness_problem(state.flow, one, asking, order.withdrawn_events, now) for one in said]
        best = next((place for place, problem in enumerate(why) if not problem), 0)
        offers.append(
            StepOffer(
                step.words,
                step.at,
                said[best].pk,
                _reporter(said[best]),
                why[best],
                now - said[best].recorded_at <= LATEST,
            )
        )
    return offers
