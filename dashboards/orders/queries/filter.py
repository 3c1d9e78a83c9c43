"""What a person chose to see in the order list: kept in the page's address, in saved views and in the export."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from batches.judgement.statuses import Severity
from dashboards.orders.queries.paging import Sorting
from supplychain.moments import read_day
from supplychain.orders.statuses import OrderStatus, Priority, StageStatus
from supplychain.pages.periods import Due, read_month

ANY = "any"
OPEN = "open"
# What an untouched list shows: the open ones, and what has ended and is flagged all the same.
CURRENT = "current"
THIS_MONTH = "month"
MOST_TEXT = 64
MOST_QUERY = 1_000
STATUSES = {OPEN: "Open", ANY: "All", **dict(OrderStatus.choices)}
FLAGS = {
    "raised": "At risk (any flag)",
    Severity.CRITICAL.value: "Critical",
    Severity.ATTENTION.value: "Attention, nothing critical",
    "unacknowledged": "Not acknowledged",
    "none": "No flag",
}
RUNS = {StageStatus.READY.value: "Waiting", StageStatus.RUNNING.value: "Running", StageStatus.HELD.value: "On hold"}
DUES = {due.value: due.label for due in Due}
SORTS = {
    "urgency": "Most urgent first",
    "-urgency": "Least urgent first",
    "slack": "Least slack first",
    "-slack": "Most slack first",
    "promise": "Ready date, first",
    "-promise": "Ready date, last",
    "-ordered": "Ordered last",
    "ordered": "Ordered first",
    "coi": "Chain of identity, A to Z",
    "-coi": "Chain of identity, Z to A",
    "-change": "Changed last",
    "change": "Longest unchanged",
}
USUAL_SORT = "urgency"
# Fields whose value is one of a closed list.
CLOSED = {"status": STATUSES, "flags": FLAGS, "run": RUNS, "due": DUES, "sort": SORTS,
          "priority": dict(Priority.choices), "owner": {"me": "Mine"}}  # fmt: skip
CODES = ("product", "plant", "site", "stage")
DATES = ("promised_from", "promised_to", "ordered_from", "ordered_to")
NAMES = {"promised_from": "wanted or promised from", "promised_to": "wanted or promised until",
         "ordered_from": "ordered from", "ordered_to": "ordered until", "due": "wanted or promised",
         "run": "at its stage"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderChoice:
    """Empty texts and None: not chosen. `ignored`: names of fields whose value made no sense.

    `infused` is THIS_MONTH or a month as in 2026-10; `due` one of DUES; `run` says how the order stands at `stage`.
    """

    q: str = ""
    product: str = ""
    plant: str = ""
    site: str = ""
    status: str = ""
    stage: str = ""
    run: str = ""
    flags: str = ""
    owner: str = ""
    priority: str = ""
    due: str = ""
    infused: str = ""
    promised_from: date | None = None
    promised_to: date | None = None
    ordered_from: date | None = None
    ordered_to: date | None = None
    sort: str = USUAL_SORT
    ignored: tuple[str, ...] = ()

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """The filter in an address; what makes no sense counts as not given, and is named in `ignored`."""
        said = {name: text for name in FIELDS if (text := given.get(name, "").replace("\0", "").strip()[:MOST_TEXT])}
        read = {name: value for name, text in said.items() if (value := _value(name, text)) is not None}
        ignored = tuple(NAMES.get(name, name) for name in said if name not in read)
        return cls(**read, ignored=ignored)

    @classmethod
    def read_text(cls, query: str) -> Self:
        """The filter in a stored query string."""
        return cls.read(QueryDict(query[:MOST_QUERY]))

    @property
    def chosen(self) -> dict[str, str]:
        """What differs from an untouched list, by name of the field, as it stands in the address."""
        values = {name: getattr(self, name) for name in FIELDS}
        if values["sort"] == USUAL_SORT:
            del values["sort"]
        return {name: str(value) for name, value in values.items() if value}

    @property
    def query(self) -> str:
        """The address' query string, without what stands by default."""
        return urlencode(self.chosen)

    @property
    def is_narrow(self) -> bool:
        """Whether anything is chosen besides the sorting."""
        return bool(self.chosen.keys() - {"sort"})

    @property
    def within(self) -> str:
        """The status that counts: open or flagged orders, unless one looks for an identifier or for infused ones."""
        return self.status or (ANY if self.q or self.infused else CURRENT)

    def sorting(self, now: datetime) -> Sorting:
        """How the list is read."""
        return Sorting(self.sort, now, is_of_few=self.within == OPEN)

    @property
    def details(self) -> int:
        """How many fields are chosen that stand behind “More filters”."""
        return len(self.chosen.keys() - {"q", "status", "flags", "sort"})

    def without(self, name: str) -> Self:
        """The same with one field as if it had not been chosen."""
        return replace(self, **{name: next(field.default for field in fields(self) if field.name == name)})

    def sorted_by(self, sort: str) -> Self:
        """The same in another order."""
        return replace(self, sort=sort)

    def chips(self) -> Iterator[tuple[str, str, str]]:
        """Name, value and the query string without it, for what is chosen; closed lists in words."""
        for name, text in self.chosen.items():
            if name != "sort":
                words = CLOSED.get(name, {}).get(text, text)
                words = "this month" if (name, text) == ("infused", THIS_MONTH) else words
                yield NAMES.get(name, "search" if name == "q" else name), words, self.without(name).query


FIELDS = tuple(field.name for field in fields(OrderChoice) if field.name != "ignored")


def _value(name: str, text: str) -> str | date | None:
    """What `text` means for a field; None: nothing."""
    if name in CLOSED:
        return text if text in CLOSED[name] else None
    if name in DATES:
        return read_day(text)
    if name == "infused":
        return text if text == THIS_MONTH or read_month(text) else None
    return text
