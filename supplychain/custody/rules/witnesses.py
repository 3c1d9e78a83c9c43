"""Where in the chain of custody two people are asked, and where only one is known. Pure.

What is missing stands at the entry that begins with the step; of work on cells that changed no hands (an infusion that
began) at the entry of who held them then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from supplychain.custody.rules.holdings import Gap, Holding, Lack
from supplychain.custody.statuses import GapKind
from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.rules.second_people import STEP_KINDS, AskedReport, TwoPersonStep
from supplychain.orders.rules.states import COLLECTED_EARLIER, RunState
from supplychain.orders.statuses import StageEventKind, StageStatus


class AskedStep(NamedTuple):
    """A step at which two people are asked, and that has happened. `place`: index of its entry in the chain; `checks`:
    its reports."""

    words: str
    at: datetime
    place: int
    checks: tuple[AskedReport, ...]

    @property
    def is_confirmed(self) -> bool:
        """Whether two people are known by one of its reports."""
        return any(check.is_confirmed for check in self.checks)


def with_lacks(chain: Sequence[Holding], steps: Iterable[AskedStep]) -> list[Holding]:
    """The chain, and what it lacks of second people."""
    lacks: dict[int, list[Lack]] = {}
    for step in steps:
        if not step.is_confirmed:
            lacks.setdefault(step.place, []).append(Lack(step.words, step.at))
    return [_lacking(one, tuple(lacks.get(place, ()))) for place, one in enumerate(chain)]


def _lacking(one: Holding, lacks: tuple[Lack, ...]) -> Holding:
    return replace(one, lacks=lacks, gap=one.gap or Gap(GapKind.UNWITNESSED)) if lacks else one


def asked_steps(
    flow: FlowPlan, runs: Iterable[RunState], chain: Sequence[Holding], checks: Sequence[AskedReport]
) -> list[AskedStep]:
    """All of them, in the order in which they happened; before anybody holds cells there is none."""
    if not chain:
        return []
    of_stages = list(_of_stages(flow, runs, chain, checks))
    known = {check.event for step in of_stages for check in step.checks}
    own = _of_hand_overs(chain, [check for check in checks if not check.stage and check.event not in known])
    return sorted([*of_stages, *own], key=lambda step: (step.at, step.words))


def _of_stages(
    flow: FlowPlan, runs: Iterable[RunState], chain: Sequence[Holding], checks: Sequence[AskedReport]
) -> Iterator[AskedStep]:
    runs = list(runs)
    for run in runs:
        plan = flow.stages[run.stage]
        for kind in (kind for kind in STEP_KINDS if kind in plan.two_people):
            if (at := _moment(run, kind)) is None or run.details.get(COLLECTED_EARLIER):
                continue
            said = (run.stage, run.attempt, kind)
            own = [place for place, one in enumerate(chain) if (one.stage, one.attempt, one.kind) == said]
            place = own[0] if own else _held(chain, at)
            told = chain[place].hand_overs if own else ()
            reports = tuple(one for one in checks if one.event in told or _is_of(one, run, kind, runs))
            yield AskedStep(TwoPersonStep(plan, kind).words, at, place, reports)


def _moment(run: RunState, kind: str) -> datetime | None:
    if kind == StageEventKind.STARTED:
        return run.started_at
    return run.completed_at if run.status == StageStatus.COMPLETED else None


def _is_of(check: AskedReport, run: RunState, kind: str, runs: Iterable[RunState]) -> bool:
    if (check.stage, check.step.kind) != (run.stage, kind):
        return False
    return attempt_of(runs, check.stage, kind, check.attempt, check.at) == run.attempt


def attempt_of(runs: Iterable[RunState], stage: str, kind: str, attempt: int | None, at: datetime) -> int:
    """Of which attempt a report of a stage's start or end is: that which it names, else the one that had this step, or
    failed, nearest to its moment."""
    moments = {
        run.attempt: then for run in runs if run.stage == stage and (then := _moment(run, kind) or run.failed_at)
    }
    return attempt or min(moments, key=lambda one: abs(moments[one] - at), default=1)


def _of_hand_overs(chain: Sequence[Holding], checks: Iterable[AskedReport]) -> Iterator[AskedStep]:
    """Hand-overs that no stage report tells: those that are one entry are one step."""
    steps: dict[int, list[AskedReport]] = {}
    for check in checks:
        own = [place for place, one in enumerate(chain) if check.event in one.hand_overs]
        steps.setdefault(own[0] if own else -1, []).append(check)
    for check in steps.pop(-1, ()):
        yield AskedStep(check.step.words, check.at, _held(chain, check.at), (check,))
    for place, said in steps.items():
        yield AskedStep(said[0].step.words, said[0].at, place, tuple(said))


def _held(chain: Sequence[Holding], at: datetime) -> int:
    """Who held the cells then."""
    held = [place for place, one in enumerate(chain) if one.since <= at and not one.is_end]
    return held[-1] if held else 0


def lacking_since(said: Mapping[str, object]) -> list[str]:
    """The moments of the steps that lack a second person, as kept with a gap (words.gap_said)."""
    return [str(one["at"]) for one in said.get("lacks", ())]  # type: ignore[attr-defined]
