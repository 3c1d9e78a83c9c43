"""What the simulated futures of a line say of one order, as the order page tells it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from batches.forecasts.rules.contributions import NO_MAIN_CAUSE, is_main_cause
from batches.forecasts.rules.first_words import MOST_ORDERS, USUAL_PATHS
from batches.forecasts.rules.thresholds import Thresholds
from batches.forecasts.rules.words import between, closed_words, percent_words, rescue_words
from batches.judgement.rules.predictions import FRESH
from supplychain.pages.charts import Chart, ChartKind, Series, Tone
from supplychain.sentences import day_mark
from supplychain.words import hours_words, listed_words, moment_words

MOST_POINTS = 60
USUAL = Thresholds()
OF_LATE, OF_WAIT, OF_NO_DOSE = "Late", "A permitted wait runs out", "No dose comes"
HAS_RUN_OUT = "it has run out"


class LedgerRow(NamedTuple):
    """One row of the ledger, probabilities 0–1."""

    made_at: datetime
    paths: int
    promised_at: datetime | None
    ready_low: datetime | None
    ready_median: datetime | None
    ready_high: datetime | None
    widened_low_hours: float
    widened_high_hours: float
    infused_median: datetime | None
    p_late: float | None
    p_wait_expires: float
    p_no_dose: float
    baseline_ready_at: datetime | None
    evidence: Mapping[str, Any]


class ChanceRow(NamedTuple):
    """A question with its answer: “12 %”, the interval “9–15 %”, what it hangs on, from where on it is flagged."""

    question: str
    answer: str
    interval: str
    cause: str
    limit: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is said now. `counts`: flags rest on it; else `doubt` says why not. `names`: of stages, by code.

    `over`: codes of the stages whose permitted wait has run out: no future tells the chance of that. `limits`: from
    where on its product is flagged, as it is set now: a forecast that was only confirmed knows what was set before.
    """

    said: LedgerRow
    confirmed_at: datetime
    names: Mapping[str, str]
    doubt: str
    history: Chart
    over: Sequence[str]
    limits: Thresholds

    @property
    def counts(self) -> bool:
        """Whether flags rest on it."""
        return not self.doubt

    @property
    def rows(self) -> list[ChanceRow]:
        """The three probabilities."""
        said, limits = self.said, self.limits._asdict()
        wait = said.evidence.get("wait_expires") or {}
        asked: list[tuple[str, float, Mapping[str, Any] | None, str, str]] = [
            (OF_WAIT, said.p_wait_expires, wait, self._name(wait.get("stage", ""), "before "), "wait_attention"),
            (OF_NO_DOSE, said.p_no_dose, said.evidence.get("no_dose"), "", "no_dose_attention"),
        ]
        if said.p_late is not None:
            asked.insert(0, (OF_LATE, said.p_late, said.evidence.get("late"), self.contributes, "attention"))
        rows = [
            ChanceRow(
                question,
                percent_words(share),
                between(chance),
                cause,
                percent_words(limits[name]),
            )
            for question, share, chance, cause, name in asked
        ]
        return [self._gone_by(row) if row.question == OF_WAIT and self.over else row for row in rows]

    def _gone_by(self, row: ChanceRow) -> ChanceRow:
        """The row of a wait that has run out."""
        before = listed_words(self._name(stage) for stage in self.over)
        return row._replace(answer=HAS_RUN_OUT, interval="", cause=f"before {before}")

    @property
    def uncorrected_late(self) -> str:
        """In how many futures it was late before past errors corrected that; empty: nothing was corrected."""
        counted, told = self.said.evidence.get("late"), self.said.p_late
        if not counted or told is None:
            return ""
        simulated = percent_words(counted["count"] / counted["of"])
        return simulated if simulated != percent_words(told) else ""

    @property
    def contributes(self) -> str:
        """The stage that has no open place, else the one that exceeds its plan by most and by how much, and where it is
        not the main cause that there is none."""
        if closed := closed_words(self.said.evidence.get("closed"), self.names, day_mark):
            return closed
        one = self.said.evidence.get("contributes") or {}
        if not one or one["excess_hours"] <= 0:
            return ""
        wait = f", {hours_words(one['wait_hours'])} of it waiting" if one["wait_hours"] >= 12 else ""
        is_main = is_main_cause(one, self.said.ready_median, self.said.promised_at)
        beside = "" if is_main else f"; {NO_MAIN_CAUSE}"
        return f"{self._name(one['stage'])}: {hours_words(one['excess_hours'])} over its plan{wait}{beside}"

    @property
    def rescue(self) -> str:
        """What would help, in words; empty: nothing was looked for."""
        words = rescue_words(self.said.evidence.get("rescue"), self.names)
        return f"{words[0].upper()}{words[1:]}." if words else ""

    @property
    def how_exact(self) -> str:
        """That there are fewer simulations than usual, or that rescues were tried in some of them; empty: neither."""
        said = []
        if self.said.paths < USUAL_PATHS:
            said.append(
                f"{USUAL_PATHS} are usual: of an order with news on a large line the others follow in seconds; a line "
                f"of more than {MOST_ORDERS:,} open orders has fewer. The intervals are as much wider."
            )
        tried = (self.said.evidence.get("rescue") or {}).get("paths", self.said.paths)
        if tried < self.said.paths:
            said.append(f"Rescues were tried in {tried} of them.")
        return " ".join(said)

    @property
    def is_rescued(self) -> bool:
        """Whether a rescue was found."""
        return bool((self.said.evidence.get("rescue") or {}).get("found"))

    @property
    def is_flagged(self) -> bool:
        """Whether some probability is over its threshold."""
        return bool(self.said.evidence.get("severities"))

    def _name(self, stage: str, before: str = "") -> str:
        return f"{before}{self.names.get(stage, stage)}" if stage else ""


def outlook(
    rows: Sequence[LedgerRow], *, names: Mapping[str, str], confirmed_at: datetime | None, is_used: bool, why: str,
    now: datetime, over: Sequence[str] = (), limits: Thresholds = USUAL,
) -> Outlook | None:  # fmt: skip
    """What is said of an order now; `rows`: the ledger, newest first. None: nothing was ever said."""
    if not rows:
        return None
    said = rows[0]
    confirmed = max(said.made_at, confirmed_at or said.made_at)
    doubt = "" if is_used else f"Not used for flags: {why}"
    if not doubt and now >= confirmed + FRESH:
        hours = FRESH / timedelta(hours=1)
        doubt = f"Not used for flags: its line was last forecast more than {hours:.0f} hours ago. The slack decides."
    return Outlook(said, confirmed, names, doubt, _history(rows[:MOST_POINTS]), over, limits)


def _history(rows: Sequence[LedgerRow]) -> Chart:
    """How the probabilities changed, oldest first, in whole per cent as the page says them: rounded once."""
    in_order = list(reversed(rows))

    def values(name: str) -> list[float | None]:
        return [None if (share := getattr(row, name)) is None else round(100 * share) for row in in_order]

    return Chart(
        key="outlook-history",
        title="How it changed",
        kind=ChartKind.LINES,
        unit="%",
        labels=[moment_words(row.made_at, row.made_at.tzinfo or UTC, now=rows[0].made_at) for row in in_order],
        series=[
            Series(OF_LATE, values("p_late"), Tone.CRITICAL),
            Series(OF_WAIT, values("p_wait_expires"), Tone.ATTENTION, dashed=True),
            Series(OF_NO_DOSE, values("p_no_dose"), Tone.SECOND, dashed=True),
        ],
        decimals=0,
        row_name="Simulated",
    )
