"""What happens next with an order, as its page says it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from dashboards.orders.rules.declined import declined_to_read
from dashboards.orders.rules.elsewhere import is_about_dose, with_whereabouts, without_destroyed
from supplychain.custody.queries import last_holders
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.queries import order_state
from supplychain.orders.rules.interlocks import Stop
from supplychain.recording.queries import next_steps
from supplychain.recording.rules.steps import NextStep
from supplychain.transport.rules.arrivals import ShownArrival


def steps_of(
    order: PatientOrder, flags: Sequence[Flag], now: datetime, runs: Sequence[StageRun], stops: Sequence[Stop],
    arrivals: Mapping[UUID, ShownArrival],
) -> list[NextStep]:  # fmt: skip
    """Whose turn it is, what is to be read first; a query where that needs the dose at hand."""
    lanes = {run.stage.code: lane for run in runs if run.pk in arrivals and (lane := arrivals[run.pk].lane)}
    steps, state = next_steps(order, now, runs, stops=stops, lanes=lanes), order_state(order, runs)
    is_lost = any(flag.code == FlagCode.DOSE_REJECTED and flag.cleared_at is None for flag in flags)
    if is_lost or any(is_about_dose(step, state.flow) for step in steps):
        last = last_holders([order.pk], now).get(order.pk)
        of_code = {code: state.run_of(code) for code in state.flow.stages}
        steps = with_whereabouts(steps, state.flow, of_code, last, now)
        steps = without_destroyed(steps, state.flow) if is_lost and last and last.is_destroyed else steps
    return [*declined_to_read(flags), *steps]
