"""Systems that may say some things and not others, and what is flagged of what they said."""

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.actions.events import Reporter
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.systems.actions import USUAL_SCOPES
from supplychain.systems.models import SourceSystem
from supplychain.systems.statuses import SourceKind
from tests.batches.judging import evaluate
from tests.supplychain.builders import World, make_source


def a_system(world: World, kind: SourceKind, code: str = "") -> Reporter:
    """A system of this kind with its usual rights at every site of the world."""
    source = make_source(code or f"a-{kind}", world.oslo, world.plant)
    SourceSystem.objects.filter(pk=source.pk).update(kind=kind, scopes=list(USUAL_SCOPES[kind]))
    source.refresh_from_db()
    return Reporter.of_source(source)


def flagged(order: PatientOrder, hours: float = 20) -> list[tuple[str, str]]:
    """(stage, sender) of the raised flags about rights."""
    evaluate(hours)
    flags = Flag.objects.filter(order=order, code=FlagCode.NOT_ENTITLED, cleared_at=None).order_by("stage", "subject")
    assert {flag.severity for flag in flags} <= {Severity.CRITICAL}
    return list(flags.values_list("stage", "subject"))


def status_of(order: PatientOrder, stage: str) -> str:
    return StageRun.objects.get(order=order, stage__code=stage).status
