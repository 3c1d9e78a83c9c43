"""From which probability on an order is flagged, so that no flag flutters."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from batches.judgement.statuses import DoseRisk, Severity

MOST_COST = 1e12


class Thresholds(NamedTuple):
    """Of one product, probabilities 0–1 (RiskThreshold). `easing`: so far below its threshold a flag is cleared."""

    attention: float = 0.3
    critical: float = 0.6
    wait_attention: float = 0.1
    no_dose_attention: float = 0.2
    easing: float = 0.1


class ActingCosts(NamedTuple):
    """What thresholds of P(late) are proposed from, as the people of a product said: `acting` on one flag and one dose
    `late`, in the same unit (money or hours); `avoided`: the share (0–1) of late doses that acting makes timely."""

    acting: float
    late: float
    avoided: float

    @property
    def pays_from(self) -> float | None:
        """From which P(late) on acting costs less than it saves: acting / (late · avoided), the textbook's threshold of
        the cost–loss problem (Murphy, Monthly Weather Review 105 (1977) 803–816); None: it never does."""
        share = self.acting / (self.late * self.avoided)
        return share if share < 1 else None


def cost_problems(acting: float | None, late: float | None, avoided: float | None) -> dict[str, str]:
    """What is wrong with costs, by field; all three or none."""
    given = {"acting_cost": acting, "late_cost": late, "avoided_by_acting": avoided}
    if all(value is None for value in given.values()):
        return {}
    problems = {name: "Give all three, or none." for name, value in given.items() if value is None}
    for name in ("acting_cost", "late_cost"):
        if given[name] is not None and not 0 < given[name] <= MOST_COST:
            problems[name] = f"A cost must be above 0, and {MOST_COST:,.0f} at most."
    if avoided is not None and not 0 < avoided <= 1:
        problems["avoided_by_acting"] = "Give a share above 0, and 1 at most, such as 0.5."
    return problems


def threshold_problems(limits: Thresholds) -> dict[str, str]:
    """What is wrong with thresholds, by field; empty: they can be used."""
    problems = {
        name: "Give a share above 0 and below 1, such as 0.3."
        for name in ("attention", "critical", "wait_attention", "no_dose_attention")
        if not (0 < getattr(limits, name) < 1 or (name == "critical" and limits.critical == 1))
    }
    if not problems.keys() & {"attention", "critical"} and limits.critical <= limits.attention:
        problems["critical"] = "Critical must be above attention."
    if "attention" not in problems and not 0 <= limits.easing < limits.attention:
        problems["easing"] = "Give 0 or more, and less than attention: a flag clears so far below its threshold."
    return problems


def severity(
    probability: float | None, *, attention: float, critical: float, easing: float, standing: Severity | None
) -> Severity | None:
    """How bad `probability` is. Raised at its threshold, `standing` until it has fallen `easing` below.

    Never more than half of the threshold below it: otherwise a flag at a low threshold could only clear at 0.
    """
    if probability is None:
        return None
    if probability >= critical or (standing == Severity.CRITICAL and _stands(probability, critical, easing)):
        return Severity.CRITICAL
    if probability >= attention or (standing is not None and _stands(probability, attention, easing)):
        return Severity.ATTENTION
    return None


def severity_of_promise(
    late: float | None, promised_at: datetime | None, limits: Thresholds,
    before: tuple[datetime | None, Severity | None] | None,
) -> Severity | None:  # fmt: skip
    """Of P(late) after what was said `before`: its promise and severity. What stood for another promise says nothing
    of this one."""
    standing = before[1] if before and before[0] == promised_at else None
    return promise_severity(late, limits, standing)


def promise_severity(late: float | None, limits: Thresholds, standing: Severity | None) -> Severity | None:
    """Of P(late)."""
    return severity(late, attention=limits.attention, critical=limits.critical, easing=limits.easing, standing=standing)


def dose_severities(
    wait_expires: float, no_dose: float, limits: Thresholds, standing: Mapping[DoseRisk, Severity]
) -> dict[DoseRisk, Severity]:
    """Of P(a permitted wait runs out) and of P(no dose), each by what stood for the same reason; those that are bad.

    Critical from the same share as P(late).
    """
    asked = {
        DoseRisk.WAIT: (wait_expires, limits.wait_attention),
        DoseRisk.NO_DOSE: (no_dose, limits.no_dose_attention),
    }
    found = {
        risk: severity(share, attention=attention, critical=max(limits.critical, attention), easing=limits.easing,
                       standing=standing.get(risk))
        for risk, (share, attention) in asked.items()
    }  # fmt: skip
    return {risk: bad for risk, bad in found.items() if bad}


def worst(severities: Mapping[DoseRisk, Severity]) -> Severity | None:
    """The worse of them; None: the dose is not at risk."""
    return min(severities.values(), key=(Severity.CRITICAL, Severity.ATTENTION).index, default=None)


def stands_until(probability: float, severity: Severity, limits: Thresholds) -> float | None:
    """Down to which P(late) a flag for the promise stands as `severity`, where it only stands because it stood before;
    None: it would be raised as that anew."""
    threshold = limits.critical if severity == Severity.CRITICAL else limits.attention
    return None if probability >= threshold else _eased(threshold, limits.easing)


def _eased(threshold: float, easing: float) -> float:
    # Rounded, because 0.3 − 0.1 is less than 0.2 in binary.
    return round(threshold - min(easing, threshold / 2), 9)


def _stands(probability: float, threshold: float, easing: float) -> bool:
    return probability > _eased(threshold, easing)
