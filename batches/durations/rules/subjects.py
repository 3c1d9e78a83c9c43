"""What a duration is learned for: a stage of a product, at all sites, at one site, on one resource."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from batches.durations.rules.endings import with_ends
from batches.durations.rules.runs import PastRun, Runs
from batches.durations.rules.shrinkage import Learned, learn, learned_of_plan

# Fewer runs say next to nothing beyond what the site's say, and a sender may make up a name for each run.
FEWEST_OF_RESOURCE = 5


class Subject(NamedTuple):
    """`site` empty: all sites of the product; `resource` empty: all of the site. Ids are text."""

    product: str
    site: str
    stage: str
    resource: str = ""

    @property
    def leans_on(self) -> "Subject":
        """The subject above: of a resource the site, of a site the product; the product's own is itself."""
        return self._replace(resource="") if self.resource else self._replace(site="")


class PlannedStage(NamedTuple):
    """A stage as the newest flow of the product plans it (hours); `is_current`: new orders still pass it."""

    product: str
    stage: str
    planned_hours: float
    worst_hours: float
    is_current: bool


def learn_all(plans: Iterable[PlannedStage], runs: Mapping[Subject, Iterable[PastRun]]) -> dict[Subject, Learned]:
    """Everything that can be learned from the runs of each product, site, stage and resource (as they were reported).

    Stages of current flows are there even if nobody has run them, resources from five runs on. Runs of stages without
    a plan are left out.
    """
    planned = {(plan.product, plan.stage): plan for plan in plans}
    gathered: dict[Subject, list[PastRun]] = {
        Subject(plan.product, "", plan.stage): [] for plan in planned.values() if plan.is_current
    }
    for subject, some in runs.items():
        if (subject.product, subject.stage) in planned:
            rows = list(some)
            for level in _levels(subject, len(rows)):
                gathered.setdefault(level, []).extend(rows)
    learned: dict[Subject, Learned] = {}
    for subject in sorted(gathered, key=lambda one: (bool(one.site), bool(one.resource), one)):
        plan = planned[subject.product, subject.stage]
        base = learned[subject.leans_on] if subject.site else learned_of_plan(plan.planned_hours, plan.worst_hours)
        try:
            own = Runs.of(gathered[subject])
            plain = learn(own, base)
            learned[subject] = plain if subject.resource else with_ends(plain, own, base)
        except Exception:  # noqa: BLE001 - runs that nothing can be learned from leave what is known without them
            learned[subject] = base
    return learned


def _levels(subject: Subject, runs: int) -> list[Subject]:
    """All that so many runs on one resource tell something of: the product, the site, the resource itself."""
    site = subject._replace(resource="")
    is_named = bool(subject.resource) and runs >= FEWEST_OF_RESOURCE
    return [site.leans_on, site, subject] if is_named else [site.leans_on, site]
