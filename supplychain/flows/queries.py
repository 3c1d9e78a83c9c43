"""Flows as the rules see them."""

from functools import cache
from uuid import UUID

from supplychain.flows.models import Flow, Stage
from supplychain.flows.rules.checklists import read_checklist
from supplychain.flows.rules.plans import FlowPlan, StagePlan, in_board_order


@cache
def flow_plan(flow_id: UUID) -> FlowPlan:
    """The flow as the rules see it. Kept for the life of the process: a loaded flow never changes."""
    flow = Flow.objects.get(pk=flow_id)
    return FlowPlan(
        id=flow.pk,
        code=flow.code,
        version=flow.version,
        restart_stage=flow.restart_stage,
        stages=in_board_order(_stage_plan(stage) for stage in flow.stages.all()),
        signed_acts=tuple(flow.signed_acts),
    )


def stage_name(flow_id: UUID, code: str) -> str:
    """How people call a stage of a flow; its code where the flow does not have it, empty without one."""
    stage = flow_plan(flow_id).stages.get(code) if code else None
    return stage.name if stage else code


def _stage_plan(stage: Stage) -> StagePlan:
    return StagePlan(
        id=stage.pk,
        code=stage.code,
        name=stage.name,
        kind=stage.kind,
        position=stage.position,
        after=tuple(stage.after),
        planned_hours=stage.planned_hours,
        worst_hours=stage.worst_hours,
        longest_wait_hours=stage.longest_wait_hours,
        pool=stage.pool,
        keeps_pool=stage.keeps_pool,
        place=stage.place,
        direction=stage.direction,
        may_end_after_release=stage.may_end_after_release,
        words=stage.words,
        storage=stage.storage,
        checklist=read_checklist(stage.checklist),
        frozen_for_hours=stage.frozen_for_hours,
        packing=read_checklist(stage.packing, {}),
        unpacking=read_checklist(stage.unpacking, {}),
        two_people=tuple(stage.two_people),
    )
