"""What is stored, as people read it: stage names, statuses, shares, evidence."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from supplychain.flows.rules.plans import StagePlan
from supplychain.moments import UnreadableMoment, read_moment
from supplychain.nesting import is_too_deep, laid_out, sorted_json
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.queries import change_of
from supplychain.orders.queries.signatures import ShownSignature, signature_under
from supplychain.orders.rules.change_requests import WISH_WORDS, cause_words, said_words, wish_words
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.rules.outcomes import outcome_words
from supplychain.orders.rules.promises import DoseDate
from supplychain.orders.rules.promises import dose_date as words_of_date
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.rules.verbs import event_words_in, kind_said
from supplychain.orders.statuses import ChangeCause, ChangeOutcome, StageStatus
from supplychain.templatetags.moments import moment

# What evidence holds under a name that says nothing to people.
LABELS = {
    "promised_at": "wanted or promised by",
    "futures": "simulations",
    "late": "chance of being late",
    "wait_expires": "chance that a wait runs out",
    "no_dose": "chance of no dose",
    "of": "number of simulations",
    "coi": "chain of identity",
    "coi_issuer": "chain of identity issued by",
}
# From here on a number needs no digits behind the point.
LARGE = 1000
register = template.Library()

STATUS_ICONS = {
    StageStatus.PENDING: "ti-circle-dotted",
    StageStatus.READY: "ti-clock-pause",
    StageStatus.RUNNING: "ti-player-play",
    StageStatus.HELD: "ti-hand-stop",
    StageStatus.COMPLETED: "ti-circle-check",
    StageStatus.FAILED: "ti-circle-x",
    StageStatus.SKIPPED: "ti-arrow-bounce",
}

REQUEST_ICONS = {"": "ti-message-question", ChangeOutcome.AGREED: "ti-message-check"}


@register.filter
def stage_name(code: str, names: Mapping[str, str]) -> str:
    """A stage's name; for a stage of a flow that is gone, its code made readable."""
    return names.get(code) or code.replace("_", " ").capitalize()


@register.filter("event_words")
def words_of_event(event: StatusEvent, stages: Mapping[str, StagePlan]) -> str:
    """What was reported: “Expansion started”, “Order placed”; `stages`: of its flow."""
    return event_words_in(stages, event.stage, kind_said(event.kind, event.payload))


@register.filter
def dose_date(order: PatientOrder) -> DoseDate:
    """Whether the date of its dose is promised, or only wanted, in words."""
    return words_of_date(order.confirmed_at)


@register.filter
def critical(stops: Iterable[Stop] | None) -> list[Stop]:
    """The critical ones of an order's flags: others only ask to wait with a stage, and are asked about where it is."""
    return [stop for stop in stops or () if stop.is_critical]


@register.filter
def without_name(text: str, name: str) -> str:
    """A sentence “name: what” where the name has just been said: only what, as a sentence."""
    rest = text.removeprefix(f"{name}: ")
    return rest[:1].upper() + rest[1:]


@register.filter
def dialled(telephone: str) -> str:
    """A telephone number as a link dials it (RFC 3966): without spaces, brackets and dashes."""
    return "".join(sign for sign in telephone if sign.isdigit() or sign == "+")


@register.filter
def status_icon(status: str) -> str:
    """Class of the icon of a stage status."""
    return STATUS_ICONS[StageStatus(status)]


@register.filter
def percent(share: float | str | None) -> str:
    """A share of 0–1 as whole per cent; a dash without one (a template gives “” for what evidence does not have)."""
    return "–" if share in (None, "") else f"{share * 100:.0f} %"


@register.filter
def readable(name: Any) -> str:
    """A field's name for people: `expected_wait_hours` → “Expected wait (h)”."""
    text = LABELS.get(name) or str(name).removesuffix("_at")
    text = f"{text.removesuffix('_hours')} (h)" if text.endswith("_hours") else text
    text = text.replace("_", " ")
    return text[:1].upper() + text[1:]


@register.filter
def scalar(value: Any) -> SafeString | str:
    """One value of evidence: moments in the person's zone, yes and no, a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(scalar(item)) for item in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{readable(name)} {scalar(one)}" for name, one in value.items())
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < LARGE else f"{value:.0f}"
    return moment(value) if isinstance(value, str) and _is_moment(value) else str(value)


@register.simple_tag
def evidence_value(value: Any) -> SafeString | str:
    """A value of evidence; rows of numbers become a table of their own."""
    rows = [value] if isinstance(value, Mapping) else value
    if not (isinstance(rows, list) and rows and all(isinstance(row, Mapping) for row in rows)):
        return scalar(value)
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[row.get(name) for name in names] for row in rows]
    return render_to_string("supplychain/pages/_evidence_rows.html", {"names": names, "rows": cells})


@register.filter
def of(values: Mapping[Any, list[Any]], key: Any) -> list[Any]:
    """What `values` has for `key`; nothing where it has none."""
    return values.get(key, [])


@register.filter
def one_of(values: Mapping[Any, Any], key: Any) -> Any:
    """What `values` has for `key`; None where it has nothing."""
    return values.get(key)


@register.filter("signature")
def signature_shown(event: StatusEvent, order: PatientOrder) -> ShownSignature | None:
    """The signature under an event, and whether it holds."""
    return signature_under(event, order)


@register.filter
def is_plain(said: Mapping[str, Any]) -> bool:
    """Whether evidence or a payload can stand in a table: values, lists of values, and one row of them at most."""
    rows = [row for value in said.values() for row in (value.values() if isinstance(value, Mapping) else [value])]
    return not any(_nests(one) for row in rows for one in (row if isinstance(row, list) else [row]))


def _nests(value: Any) -> bool:
    return isinstance(value, (Mapping, list))


@register.filter
def pretty(value: Any) -> str:
    """JSON over several lines."""
    return (sorted_json(value) if is_too_deep(value) else laid_out(value)).decode()


@register.filter
def change_since(order: PatientOrder, since: datetime | None) -> ChangeRequest | None:
    """What its centre asked of the plant last, if it waits for an answer or had it after `since` (None: never)."""
    change = change_of(order)
    if change is None or change.is_open:
        return change
    return change if since and change.outcome_at and change.outcome_at > since else None


@register.filter
def week_before(moment: datetime) -> datetime:
    """Seven days before a moment."""
    return moment - timedelta(days=7)


@register.filter
def wish(change: ChangeRequest) -> str:
    """“to hold the order”."""
    return wish_words(change)


@register.filter
def replaced(change: ChangeRequest) -> str:
    """“to cancel the order”: what was asked before it and not answered; and that the patient was said to have died."""
    died = ": the patient has died" if change.replaces_cause == ChangeCause.DIED else ""
    return WISH_WORDS[change.replaces] + died


@register.filter
def cause(change: ChangeRequest) -> str:
    """“Patient too ill: fever since the night”."""
    return cause_words(change)


@register.filter
def request_icon(change: ChangeRequest) -> str:
    """Class of the icon of a centre's request."""
    return REQUEST_ICONS.get(change.outcome, "ti-message-x")


@register.filter
def outcome(change: ChangeRequest, order: PatientOrder) -> str:
    """“Agreed”, “Declined”, “Taken back”; of a postponement also that another date was promised."""
    return outcome_words(change, order.promised_at)


@register.filter
def named_in(event: str, people: Mapping[str, str] | str) -> str:
    """Who said the event, where the page has looked that up."""
    return people.get(event, "") if isinstance(people, Mapping) else ""


@register.filter
def request_said(event: StatusEvent) -> str:
    """What a request, its end or its answer says, in words; empty for every other event."""
    return said_words(event.kind, event.payload)


def _is_moment(text: str) -> bool:
    try:
        return bool(read_moment(text))
    except UnreadableMoment:
        return False


@register.filter
def celsius(value: object) -> str:
    """A temperature in °C with a minus sign of its own: “−141.2 °C”; “–” where there is none."""
    return "–" if value is None else f"{value} °C".replace("-", "\N{MINUS SIGN}")
