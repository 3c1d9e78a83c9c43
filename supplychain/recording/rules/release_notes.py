"""What whoever releases a dose must know: the tests that are still under way, and the flags that stand and stop nobody.

Pure.
"""

from collections.abc import Iterable

from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.states import OrderState
from supplychain.orders.statuses import DONE_STAGE_STATUSES, StageStatus
from supplychain.sentences import moment_mark
from supplychain.words import listed_words, with_verb


def release_notes(state: OrderState, flags: Iterable[str]) -> list[str]:
    """`flags`: the words of those that stand and stop nobody."""
    tests = [plan for plan in state.flow.stages.values() if plan.kind == StageKind.QUALITY_CONTROL]
    runs = [(plan, state.run_of(plan.code)) for plan in tests]
    is_open = [(plan, run) for plan, run in runs if run.status not in (*DONE_STAGE_STATUSES, StageStatus.FAILED)]
    notes = [
        with_verb(plan.name, f"is still under way since {moment_mark(run.started_at)}: no result is on record")
        if run.started_at
        else with_verb(plan.name, "has not begun: no result is on record")
        for plan, run in is_open
    ]
    standing = list(dict.fromkeys(flags))
    said = [f"Flags that stand and do not stop the release: {listed_words(standing)}"] if standing else []
    return [f"{note}." for note in (*notes, *said)]
