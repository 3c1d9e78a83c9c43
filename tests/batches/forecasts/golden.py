"""What the tests beside share: futures."""

from batches.durations.rules.curves import SHARES

# Hours at u = i/128: uniform between 0 and 128, and exponential with a mean of 24 (its end cut at 1 − 1/512).
UNIFORM = tuple(128.0 * share for share in SHARES)


# From the start of selection to a dose that is ready: suite 216 h, tests 168, disposition 24, transport 24, receipt 2.
SUITE, AFTER_SUITE = 216, 168 + 24 + 24 + 2
