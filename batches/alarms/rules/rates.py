"""How often alarms come, for people. Pure."""

# Up to so many a shift the shifts between two of them are told: nobody has seen a small part of an alarm.
SELDOM = 0.5


def rate_words(per_shift: float) -> str:
    """“1.4 a shift”, “one in 31 shifts”; “none”."""
    if per_shift <= 0:
        return "none"
    return f"one in {round(1 / per_shift)} shifts" if per_shift <= SELDOM else f"{per_shift:.1f} a shift"
