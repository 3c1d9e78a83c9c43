"""How a stage ends by attempt and time: a test that hangs is likelier to fail the longer it hangs.

P(a run fails, given that it has lasted u hours) = p · (1 − F(u)) / (p · (1 − F(u)) + (1 − p) · (1 − C(u))), with p the
share that fails and F, C the hours of those that fail and that do not: Aalen–Johansen, conditional on u (competing.py).
"""

from batches.durations.rules.competing import Ends, cumulative_incidence
from batches.durations.rules.curves import Curve, median_of, mixture
from batches.durations.rules.runs import CODES, End, Runs
from batches.durations.rules.shrinkage import LEANING_RUNS, Learned, censored_curve, lean


def with_ends(plain: Learned, runs: Runs, base: Learned) -> Learned:
    """What was learned of these runs, and how they end by attempt and time, leaning on `base`; where nobody knows of a
    failure only the plain figures.

    A run that is not over counts as one that will be completed: it is not forgotten.
    """
    above = base.ends
    if above is None and not plain.failed:
        return plain
    lasting = runs.where(runs.ends != CODES[End.FAILED])
    leaned = above.completing if above else base.curve
    completing = censored_curve(lasting, leaned) if len(lasting.hours) else leaned
    first, again = (
        _failed_share(runs.where(runs.repeats == is_repeat), share)
        for is_repeat, share in enumerate(above[:2] if above else (plain.failed_share, plain.failed_share))
    )
    # Without failures to go by they come as late as completions do: then time says nothing of the end.
    failing = _as_slow(above.failing, above.completing, completing) if above else completing
    if plain.failed:
        seen = cumulative_incidence(runs).hours_of(End.FAILED)
        failing = mixture([seen, failing], [plain.failed, LEANING_RUNS])
    return plain._replace(ends=Ends(first, again, completing, failing))


def _failed_share(runs: Runs, base_share: float) -> float:
    ended = len(runs.hours) - runs.count(End.CENSORED)
    return lean(cumulative_incidence(runs).final(End.FAILED), ended, base_share)


def _as_slow(curve: Curve, usual: Curve, own: Curve) -> Curve:
    """A curve of all sites at one of them that takes so many times as long."""
    pace = median_of(own) / median_of(usual) if median_of(usual) > 0 else 1.0
    return tuple(pace * hours for hours in curve)
