"""Verbs follow their stage's number, and what is done at once has one verb: in words, on the page, at the centre."""

from batches.forecasts.forms import RiskThresholdForm
from dashboards.orders.queries.list import OrderLine
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.duties import right_problem
from supplychain.orders.rules.fold import initial_state
from supplychain.orders.statuses import StageStatus
from supplychain.recording.rules.next_steps import next_steps
from supplychain.recording.rules.sequence import main_kind
from tests.dashboards.centre.builders import shipped_flow
from tests.supplychain.builders import T0, at

FRESH = shipped_flow("car_t_fresh")


def test_who_may_report_a_stage_is_said_in_its_number():
    tests, cells = FRESH.stages["qc_release_tests"], FRESH.stages["expansion"]
    assert right_problem(tests, "completed", {}).startswith("Release tests are reported by ")
    assert right_problem(cells, "completed", {}).startswith("Expansion is reported by ")


def test_what_is_done_at_once_can_be_completed_as_its_button_says():
    unconfirmed, step = next_steps(FRESH, initial_state(FRESH, T0), at(1))
    assert (unconfirmed.words, unconfirmed.whose) == ("The plant has to confirm the order", "operations of the plant")
    assert step.words == "Enrolment can be completed"
    assert main_kind(FRESH.stages["enrolment"], StageStatus.READY) == "completed"


def test_thresholds_are_explained_in_per_cent():
    helps = [field.help_text for field in RiskThresholdForm().fields.values()]
    assert any("0.3 is 30 %" in text for text in helps)
    assert not any("P(" in text for text in helps)


def test_of_a_last_event_it_is_said_that_its_sender_may_not_report_it():
    def words(lacked: str) -> str:
        event = StatusEvent(kind="completed", lacked_scope=lacked, occurred_at=T0, recorded_at=T0)
        return OrderLine(
            PatientOrder(surprises=[]), "", None, [], None, event, "Disposition: released", None, None
        ).last_event_words

    assert words("") == "Disposition: released"
    assert words("decisions") == "Disposition: released: its sender has no right to report this"
