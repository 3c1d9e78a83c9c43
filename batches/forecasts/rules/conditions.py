"""On what a forecast rests, and why nobody knows whether a dose can be given, in words. Pure."""

from datetime import datetime
from typing import NamedTuple

IN_DOUBT = "the dose is in doubt"
ON_HOLD = "the order is on hold"
IF_LIFTED = "if the hold were lifted now"
IF_RESTARTED = "if a new attempt began now"
# Of an attempt that begins behind the collection: nobody here knows what is stored, and fresh cells are spent.
FROM_STORED = " from stored cells, if any are left"
BEGAN_AGAIN = "began again now"
IF_RESULT_CLEARED = "if the failed result is cleared"
IF_DOSE_CLEARED = "if the doubt about the dose is cleared"
IF_DOSE_STOOD = "if the dose had not been rejected or destroyed"
IF_CELLS_STOOD = "if the cells had not been destroyed"
# Of the dose that is there: a forecast that begins anew is of another one, and rests on none of them.
OF_THE_DOSE = (IF_RESULT_CLEARED, IF_DOSE_CLEARED, IF_DOSE_STOOD, IF_CELLS_STOOD)
# Of futures made before the newest report of the order: what they rested on is told as it was then.
BEFORE_NEWS = "made before the last report"
RESTARTED_THEN = f"{BEFORE_NEWS}, as if a new attempt began then"
REPEATED_THEN = f"{BEFORE_NEWS}, as if {{}} began again then"
# Of futures in most of which a permitted wait of the cells runs out.
IF_CELLS_USED = "if the cells may still be used"
IF_USABLE = f"{IF_CELLS_USED} then"
MOSTLY = 0.5
# How a dose stands to its promise that may not be given.
NOT_KNOWN = "not known to be kept"


class PlainForecast(NamedTuple):
    """What the plain forecast says: the moment, when that was said, whether it is reached, what it begins anew from,
    what must have ended although nobody said so, on the clearing of which doubt it rests, what it takes to be
    booked anew, which failed tests to be repeated, whether
    the new attempt takes up stored cells."""

    ready_at: datetime
    made_at: datetime
    is_reached: bool = False
    restarts_from: str = ""
    assumes_ended: str = ""
    assumes_cleared: str = ""
    assumes_booked: str = ""
    repeats: str = ""
    is_from_stored: bool = False


def unsure_why(plain: PlainForecast | None, is_held: bool) -> str:
    """Why nobody knows whether the dose can be given; a dose that is there is a fact, and a hold changes none."""
    if plain and plain.assumes_cleared:
        return IN_DOUBT
    if plain and plain.is_reached:
        return ""
    if is_held:
        return ON_HOLD
    return unended(plain) if plain else ""


def unended(plain: PlainForecast) -> str:
    return f"the end of {plain.assumes_ended} was never reported" if plain.assumes_ended else ""


def unsure_words(why: str) -> str:
    """The same with the reason: “not known to be kept: the dose is in doubt”."""
    return f"{NOT_KNOWN}: {why}"


def assumed_words(plain: PlainForecast | None, is_held: bool) -> str:
    usual = ""
    if is_held:
        usual = IF_LIFTED
    elif plain and plain.restarts_from:
        usual = IF_RESTARTED + (FROM_STORED if plain.is_from_stored else "")
    elif plain and plain.repeats:
        usual = f"if {plain.repeats} {BEGAN_AGAIN}"
    elif plain and plain.assumes_ended:
        usual = f"as if {plain.assumes_ended} had ended"
    elif plain and plain.assumes_booked:
        usual = if_booked(plain.assumes_booked)
    cleared = rests_on_clearing(plain.assumes_cleared, plain.restarts_from) if plain else ""
    return " and ".join(filter(None, (cleared, usual)))


def assumed_then(plain: PlainForecast | None, is_held: bool, news: str) -> str:
    """On what futures rest that were made before the `news` (BEFORE_NEWS, RESTARTED_THEN or REPEATED_THEN): what the
    plain forecast begins anew from may be what was just reported. Futures that began anew themselves rest on that
    alone, and not on the dose that was there."""
    known = plain._replace(restarts_from="", repeats="") if plain else None
    if known and news != BEFORE_NEWS:
        cleared = rests_on_clearing(known.assumes_cleared, news) if RESTARTED_THEN in news else known.assumes_cleared
        known = known._replace(assumes_cleared=cleared, assumes_ended="", assumes_booked="")
    return "; ".join(filter(None, (assumed_words(known, is_held), news)))


def rests_on_clearing(cleared: str, restarts_from: str) -> str:
    """What of a doubt must be cleared for what is foreseen; empty: nothing, it is of the dose of a new attempt."""
    return "" if restarts_from and cleared in OF_THE_DOSE else cleared


def is_after_failure(assumed: str) -> bool:
    """Whether this is all that is assumed: that what failed begins anew."""
    return assumed in (IF_RESTARTED, IF_RESTARTED + FROM_STORED) or assumed.endswith(BEGAN_AGAIN)


def if_booked(names: str) -> str:
    """On what a forecast rests while a new appointment is missing."""
    return f"if {names} can begin at once: no new appointment is booked"


def if_usable(p_wait_expires: float) -> str:
    """That dates hold only if cells may be used that waited longer than permitted; empty: that is not likely."""
    return IF_USABLE if p_wait_expires >= MOSTLY else ""
