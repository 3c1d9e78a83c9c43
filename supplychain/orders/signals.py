"""How this floor wakes the floors above, which it does not know."""

from django.dispatch import Signal

# Sent inside the transaction that stored new events; `changes` is a list of actions.events.OrderChange,
# `now` the moment of recording.
events_recorded = Signal()
# Sent before it, when the new state of `orders` (actions.store.LockedOrder) has been folded at `now`: who keeps rows of
# their own beside it adds their statements to `writes` (sql.Writes), which go to the database in one round trip.
# `facts`: by order what was new, or all where an order is folded anew; what is new is not in the table yet.
orders_folded = Signal()
# Sent with `order_ids`, `now` and `is_judged_anew` before a person reports of these orders: each receiver answers with
# a list of rules.interlocks.Stop, the critical flags that stand. `is_judged_anew`: not only flags that were raised
# already, but what the newest facts deserve.
stops_asked = Signal()
# Sent with `order_id` before a person releases a dose: each receiver answers with a list of words, the titles of the
# flags that stand on the order and stop nobody.
calm_flags_asked = Signal()
# Sent with `order_ids` and `now` before a person promises a date: each receiver answers with a list of
# rules.promises.ExpectedDose, when their doses are expected.
expected_doses_asked = Signal()
# Sent with `order_ids` and `now` where it is told until when cells may wait: each receiver answers with a list of
# rules.cells_clock.ToldBudget, what is left of the limits that run.
budgets_asked = Signal()
# Sent with `flow_id`, `product_id`, `sites` (ids by place, as far as chosen), `priority`, `is_stored` (its cells were
# collected before) and `now` before an order is placed that wants a date: each receiver answers with a
# rules.promises.ExpectedDose, or None.
new_dose_asked = Signal()
# Sent with `numbers` and `site_ids` before the report of a packing is kept: who keeps shippers answers with a
# rules.packing.ShippersKnown.
shippers_asked = Signal()
# Sent with `check_id` and `order_id` before a mismatch is told of an order: who keeps identity checks answers whether
# this one of the order found a mismatch.
check_asked = Signal()
