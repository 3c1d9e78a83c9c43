"""What is asked about facts that do not fit. Pure."""

from supplychain.orders.rules.surprises import REASON_DESPITE_HOLD, REASON_RENUMBERED
from supplychain.orders.rules.withdrawals import REASON_WITHDRAWAL_ASKED, REASON_WITHDRAWN

ASK_THE_SENDER = (
    "Operations: ask the sender what happened and have it reported; QA: judge whether it touches the product."
)
# Who took a report back has said why: there is nobody left to ask.
NEXT_STEPS = {
    REASON_WITHDRAWN: "{who}: report what is right, if that is missing; QA: judge whether anybody acted on it.",
    REASON_DESPITE_HOLD: (
        "{who}: was it meant? Stop what can still be stopped; Operations or QA: decide on the hold, and report it "
        "resumed, or the order cancelled."
    ),
    REASON_RENUMBERED: (
        "QA: compare the number with the bag’s own label; Operations: if the one told before is right, have its sender "
        "report it anew."
    ),
    REASON_WITHDRAWAL_ASKED: (
        "{others}: look at it as a second person; if it is wrong, press “Confirm: wrong” among the order’s events."
    ),
}
# … and once somebody has reported it anew, there is nothing left to report.
TOLD_ANEW = "QA: it was reported anew; judge whether anybody acted on the withdrawn report."
ASK_WHICH_NUMBER = (
    "QA: stop these cells and find out by the bag’s own label which number is right; have the wrong report withdrawn, "
    "or the number corrected; then press “Settle” on this flag."
)
SETTLE_IF_RIGHT = "QA: if it is right, press “Settle” on this flag."
# What an order began with cannot be withdrawn.
ORDERED_AHEAD_ASK = "Operations: cancel this order and place it anew with the right moment."
# Of a failure, and of what was decided of the dose, only quality assurance says that it is wrong, or right: then it
# settles the flag.
DECIDED_ASK = (
    "{who}: look at it as a second person, one of the two must be quality assurance: press “Confirm: wrong” among the "
    "order’s events if it is wrong, or “Settle” on this flag if it is right (quality assurance settles)."
)
