"""What a card says of waits, of holds, of identifiers in doubt and of cells without news. Pure."""

from datetime import datetime, tzinfo

from batches.flags.rules.centre_words import asked_of_centre
from batches.judgement.statuses import FlagCode, Harm, Severity
from dashboards.centre.rules.facts import CardFacts, FlagFacts
from supplychain.flows.statuses import StagePlace
from supplychain.orders.rules.change_requests import ASKED_FOR
from supplychain.orders.rules.duties import PLACE_WORDS, ends_own_hold
from supplychain.orders.rules.states import RunState
from supplychain.orders.rules.waits import limit_now
from supplychain.orders.statuses import StageStatus, WaitLimit
from supplychain.pages.days import day_words
from supplychain.sentences import said_in
from supplychain.transport.rules.packing_words import REPACK
from supplychain.words import with_verb


def wait_words(facts: CardFacts, flag: FlagFacts, name: str, now: datetime, zone: tzinfo) -> str:
    """What is said of a permitted wait: it runs out, is over, or was over before the cells were used (no `due`)."""
    if flag.due is None:
        return _used_words(facts, flag, name, now, zone)
    until, is_over = day_words(flag.due, now, zone), flag.due <= now
    run = facts.runs.get(flag.stage)
    if is_over and run is not None and run.wait_limit == WaitLimit.EXPIRY:
        return f"The dose expired {until}: do not give it unless quality assurance decides that you may."
    if facts.status_of(flag.stage) == StageStatus.RUNNING:
        return f"The shipper's cold is guaranteed only until {until}."
    if is_over:
        return with_verb(name, f"was to begin by {until} and did not: the cells waited longer than permitted.")
    if facts.held_at or facts.status_of(flag.stage) == StageStatus.HELD:
        return f"{with_verb(name, 'is on hold')}, and the cells can wait only until {until}."
    return f"{name} must begin by {until}: then the permitted waiting time ends."


def _used_words(facts: CardFacts, flag: FlagFacts, name: str, now: datetime, zone: tzinfo) -> str:
    """Of work of which nobody reported the start, not that it began too late: what is known, as the flag has it."""
    run = facts.runs.get(flag.stage)
    if run is not None and run.started_at is None and flag.why:
        used = said_in(flag.why, zone, now).rstrip(".")
    else:
        used = with_verb(name, "was begun after the cells had waited longer than permitted")
    return f"{used}." if flag.settlement else f"{used}; quality assurance decides whether they may be used."


def hold_words(facts: CardFacts, flag: FlagFacts, name: str, until: str, *, is_over: bool) -> str:
    """What is said of a hold: who has to say what by `until`, and why it was put on."""
    reason = f" (“{flag.reason}”)" if flag.reason else ""
    if not name and facts.change and facts.change.holds_since(facts.held_at):
        reason = reason.replace(ASKED_FOR, "", 1)
        by = f" by {until}" if until and not is_over else ""
        over = f"; it was due {until}" if is_over else ""
        tell = "ask the plant{} to cancel it" if facts.change.has_died else "tell the plant{} whether it can go on"
        return f"The order is on hold as the centre asked{reason}: {tell.format(by)}{over}."
    who = _decider(facts, flag.stage) if name else "the plant"
    if is_over and (past := _past_words(facts, flag, until)) is not None:
        return with_verb(name or "The order", f"is on hold{reason}{past}.")
    has_to = f"was to decide by {until} and has not" if is_over else f"has to decide by {until}"
    decided = f": {who} {has_to}." if until else "."
    return with_verb(name or "The order", f"is on hold{reason}{decided}")


def _past_words(facts: CardFacts, flag: FlagFacts, until: str) -> str | None:
    """What is said in place of a decision that nobody missed: by when it was due had passed when the hold began, and
    may be the limit of the cells; None: it had not."""
    run = facts.runs.get(flag.stage)
    held_at = run.held_at if run else facts.held_at
    if held_at is None or flag.due is None or flag.due > held_at:
        return None
    limits = [limit_now(facts.flow.stages[code], one) for code, one in facts.runs.items() if code in facts.flow.stages]
    if not any(limit and limit.expires_at == flag.due for limit in limits):
        return ""
    return f"; the time of the cells was over {until}, before that: quality assurance decides whether they may be used"


def _decider(facts: CardFacts, stage: str) -> str:
    """Who decides on the hold of a stage."""
    plan = facts.flow.stages.get(stage)
    if plan is None or not ends_own_hold(plan):
        return "quality assurance"
    whose = "your centre" if plan.place in facts.own else PLACE_WORDS[StagePlace(plan.place)]
    return f"quality assurance or {whose}"


def request_words(flag: FlagFacts, until: str, *, is_over: bool) -> str:
    """What is said of a request of the centre that waits for an answer: how long the plant still has for it."""
    if not until:
        return "The plant has not answered your request yet."
    if is_over:
        return f"The plant was to answer your request by {until} and has not: call it."
    if flag.severity == Severity.CRITICAL:
        return f"Your request cannot wait: the plant has to answer it by {until}."
    return f"The plant has to answer your request by {until}."


USE_NOTHING = "use nothing made of them until this is cleared."


def identity_words(flag: FlagFacts) -> str:
    """What is said of an identifier in doubt, or of who had the cells."""
    if flag.code == FlagCode.CUSTODY_GAP:
        stands = "It is not clear who had this patient’s cells, or how they were kept"
        return f"{stands}." if flag.settlement or flag.severity != Severity.CRITICAL else f"{stands}: {USE_NOTHING}"
    if flag.code == FlagCode.IDENTITY_MISMATCH:
        return "A code that was read with this order is not this order’s: use no material until this is resolved."
    number = f"The donation number {flag.subject or 'of this order'}"
    stands = f"{number} may be wrong"
    if flag.code == FlagCode.IDENTITY_SHARED:
        label = f" ({flag.subject.partition(':')[2]})" if flag.subject else ""
        stands = f"An identifier of this order{label} stands on another order too"
    elif flag.severity != Severity.CRITICAL:
        return f"{number} is not in ISBT 128 form: compare it with the label."
    return f"{stands}." if flag.settlement else f"{stands}: use no material until this is cleared."


def cells_words(flag: FlagFacts, until: str, now: datetime) -> str:
    """What the cells have to do with a silence; empty: nothing."""
    if flag.harm != Harm.CELLS:
        return ""
    is_past = flag.due is None or flag.due <= now
    return ": nobody has said where the cells are" if is_past else f"; the cells can wait only until {until}"


def until_words(until: datetime | None, now: datetime, zone: tzinfo) -> str:
    """Until when cells may wait, or might; empty without a limit."""
    if until is None:
        return ""
    said = day_words(until, now, zone)
    return f"their time was over {said}" if until <= now else f"the cells can wait only until {said}"


def undecided_words(flag: FlagFacts, now: datetime, zone: tzinfo) -> str:
    """Of cells of a cancelled order, with their clock."""
    said = until_words(flag.due, now, zone)
    what = "The order is cancelled; the plant decides what becomes of the cells"
    return f"{what}{f'; {said}' if said else ''}. Until then discard nothing."


def agreed_words(run: RunState | None, now: datetime, zone: tzinfo) -> str:
    """“: agreed until 24 Nov 10:00, moved once”; empty where nothing was agreed."""
    if run is None or run.agreed is None:
        return ""
    passed = ", which has passed" if run.agreed.until < now else ""
    return f": agreed until {day_words(run.agreed.until, now, zone)}, {run.agreed.moved}{passed}"


def packaging_words(flag: FlagFacts, now: datetime, zone: tzinfo) -> str:
    """That something is amiss with the shipper or packaging, what, and what the centre does or leaves."""
    rest = "" if flag.settlement else asked_of_centre(flag.next_step) or _packaging_waits(flag)
    said = said_in(flag.why, zone, now)
    return " ".join(filter(None, ("Something is amiss with the shipper or packaging of the cells.", said, rest)))


def _packaging_waits(flag: FlagFacts) -> str:
    """Whom the centre waits for, where nothing is asked of itself."""
    if REPACK in flag.next_step:
        return "The cells have not left: the plant packs them anew."
    if flag.severity == Severity.CRITICAL:
        return "Do not give a dose of these cells before quality assurance of the plant has decided."
    return "Quality assurance of the plant decides on it."
