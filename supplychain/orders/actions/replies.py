"""What the sender of a report is told of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from supplychain.orders.actions.references import Meant
from supplychain.orders.rules.events import EventReport
from supplychain.orders.rules.reading import by_field
from supplychain.orders.rules.states import OrderState
from supplychain.orders.statuses import ReportOutcome
from supplychain.systems.rules import right_words


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What became of one report; `reason` says what to do when it was not taken, or was without the right to say it;
    `doubt`: what does not fit about one that was kept; `problems`: all for which it was not taken, each with its field
    in front."""

    outcome: ReportOutcome
    source_event_id: str
    reason: str = ""
    event_id: UUID | None = None
    order_id: UUID | None = None
    doubt: str = ""
    problems: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What its sender is told."""
        return self.reason or self.doubt

    @property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong with it, by field."""
        return by_field(self.problems)

    @property
    def refusal(self) -> str:
        """Why it was not taken, for a person, who sees no fields."""
        return " ".join(text for texts in self.errors.values() for text in texts) or self.reason


def rejected(source_event_id: str, problems: Iterable[str], *, order_id: UUID | None = None) -> ReportResult:
    """A report that is not taken for all these."""
    told = tuple(dict.fromkeys(problems))
    return ReportResult(ReportOutcome.REJECTED, source_event_id, " ".join(told), order_id=order_id, problems=told)


def order_problem(report: EventReport, meant: Meant) -> str:
    """Why the order that a report names is none, or not one alone, of the sender's."""
    if len(meant.orders) > 1:
        which = f"say with order_issuer who issued it ({', '.join(meant.issuers)}), or " if meant.issuers else ""
        return f"order: “{report.order}” leads to {len(meant.orders)} orders; {which}name the order by its id or CoI."
    issued = f" issued by {report.order_issuer}" if report.order_issuer else ""
    return f"order: none of your sites' orders has “{report.order}”{issued}; check it, or register the order first."


def beyond_rights(lacked: str, *, counts: bool) -> str:
    """What is said of a report that was kept although the sender has no right to it (`lacked`: a scope)."""
    effect = "it counts" if counts else "it does not count until somebody says it who may"
    return (
        f"Kept and flagged; {effect}: your system has not the right {right_words(lacked)}. An administrator gives it."
    )


def misfit_words(state: OrderState, event_id: UUID | None) -> str:
    """What does not fit about a report that was kept; empty where nothing is known to be odd about it."""
    odd = (one["text"] for one in state.surprises if one["event"] == str(event_id))
    return next((f"Kept and flagged: {text}." for text in odd), "")
