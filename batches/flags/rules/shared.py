"""The flag about an identifier that stands on two orders, and what quality assurance decided of either. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from batches.flags.rules.donations import compare_label
from batches.flags.statuses import OTHERS_SETTLED
from batches.judgement.rules.facts import OrderFacts, SharedIdentifier
from batches.judgement.rules.findings import NOTHING, Finding, Found, gist_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.statuses import DONE_STAGE_STATUSES, OrderStatus
from supplychain.sentences import moment_mark


def identity_shared(facts: OrderFacts, now: datetime) -> Found:
    """An identifier that belongs to one patient's cells alone also stands on another order: critical.

    Each label is a flag of its own: who acknowledges one has not seen the other.

    Attention when it is a donation number and both orders are the same patient's (cells of one collection may serve a
    second order, yet somebody should know), and when the other order is cancelled: nothing of it will be given.
    Another order that joins is another fact, to be acknowledged anew. The words are refreshed by the hour because it is
    the other order's news that ends it.
    """
    labels: dict[str, list[SharedIdentifier]] = {}
    for one in facts.shared:
        labels.setdefault(f"{one.kind}:{one.value}", []).append(one)
    return Found([_shared_finding(label, shared) for label, shared in labels.items()], None) if labels else NOTHING


def _shared_finding(label: str, shared: Sequence[SharedIdentifier]) -> Finding:
    """One label that stands on other orders too."""
    grave = [one for one in shared if _is_swap(one)]
    decided = [one for one in grave if one.decision]
    open_ones = [one for one in grave if not one.decision]
    is_alone = bool(decided) and not open_ones
    first = min(open_ones or grave or shared, key=lambda one: (one.since, one.other_coi))
    return Finding(
        FlagCode.IDENTITY_SHARED,
        "",
        Severity.CRITICAL if grave else Severity.ATTENTION,
        min(one.since for one in grave or shared),
        None,
        " ".join([_shared_why(first, len(shared) - 1), *map(_decided_words, decided)]),
        _alone_next_step(first) if is_alone else _shared_next_step(first, is_grave=bool(grave)),
        {"shared": [_shared_evidence(one) for one in shared]} | ({OTHERS_SETTLED: True} if is_alone else {}),
        moves=True,
        gist=gist_of("orders", (str(one.other_id) for one in shared)),
        subject=label,
    )


def given_and_shared(facts: OrderFacts, now: datetime) -> Found:
    """Of an ended order: a swap counts if its dose was given, for then it may have been another patient's."""
    was_given = facts.stages[facts.flow.exit].run.status in DONE_STAGE_STATUSES
    if facts.status != OrderStatus.CLOSED or not was_given or not any(map(_is_swap, facts.shared)):
        return NOTHING
    swapped = [one for one in identity_shared(facts, now).findings if one.severity == Severity.CRITICAL]
    return Found(swapped, None)


def _is_swap(shared: SharedIdentifier) -> bool:
    is_donation = shared.kind == shared.other_kind == IdentifierKind.DONATION
    return not shared.is_cancelled and not (shared.same_patient and is_donation)


def _shared_why(shared: SharedIdentifier, more: int) -> str:
    kind = IdentifierKind(shared.kind).label
    tail = f"; {more} more such." if more else "."
    if shared.may_be_named:
        whose = "this patient's other order" if shared.same_patient else "order"
        other = f"{'cancelled ' if shared.is_cancelled else ''}{whose} {shared.other_coi}"
    else:
        other = f"{'a cancelled' if shared.is_cancelled else 'another'} order, which not every reader of this may see"
    as_what = "" if shared.kind == shared.other_kind else f" as {IdentifierKind(shared.other_kind).label.lower()}"
    return f"{kind} {shared.value} also stands on {other}{as_what}{tail}"


def _other_words(shared: SharedIdentifier) -> str:
    return f"Order {shared.other_coi}" if shared.may_be_named else "The other order"


def _decided_words(shared: SharedIdentifier) -> str:
    """What quality assurance decided of the other order, which says nothing of this one."""
    said = shared.decision
    if said is None or said.settled_at is None:
        return ""
    by, why = (f" by {said.settled_by}", f": “{said.settled_reason}”") if shared.may_be_named else ("", ".")
    return f"{_other_words(shared)} was settled{by} on {moment_mark(said.settled_at)}{why}"


def _alone_next_step(shared: SharedIdentifier) -> str:
    """Where the other order is decided on: this one is not yet."""
    other = _other_words(shared)
    other = f"{other[0].lower()}{other[1:]}"
    alone = f"QA: check the label of this order: {other} is settled, this one still needs its own decision"
    return f"{alone}{_compare_words(shared)}."


def _compare_words(shared: SharedIdentifier) -> str:
    """What settles it, and by whom: of a donation number its label, which the centre that collected has at hand."""
    if shared.kind != IdentifierKind.DONATION:
        return "; report the right number anew"
    return f". {compare_label(f'donation number {shared.value}')}"


def unsettled_partners(facts: OrderFacts, label: str) -> str:
    """That another order with this label is not settled, by its name where it may be named; empty: each is."""
    own = (one for one in facts.shared if f"{one.kind}:{one.value}" == label)
    standing = next((one for one in own if _is_swap(one) and one.decision is None), None)
    return f"{_other_words(standing)} with the same label is not settled: its labels are in doubt" if standing else ""


def _shared_next_step(shared: SharedIdentifier, *, is_grave: bool) -> str:
    if is_grave:
        find = "" if shared.may_be_named else f" (search for {shared.value}, or ask the plant)"
        return f"QA: stop both orders{find} and check the labels of both{_compare_words(shared)}."
    if shared.is_cancelled:
        return "QA: confirm that nothing of the cancelled order is used here; report a wrong number anew."
    return "QA: confirm that one collection serves both orders of this patient."


def partner_words(evidence: Mapping[str, Any], label: str, order_ids: Collection[str]) -> str:
    """That the orders (ids) with the same label are not settled, by the name of the first that may be named."""
    shared = [one for one in evidence.get("shared", ()) if f"{one['kind']}:{one['value']}" == label]
    named = next((one["other_coi"] for one in shared if one.get("other_order") in order_ids), "")
    other = f"Order {named}" if named else f"Another order (search for {label.partition(':')[2]}, or ask the plant)"
    return f"{other} with the same label is not settled: its labels are still in doubt."


def _shared_evidence(shared: SharedIdentifier) -> dict[str, str]:
    """Names the other order only if everybody who sees this one may see that one too."""
    evidence = {
        "kind": shared.kind,
        "value": shared.value,
        "other_kind": shared.other_kind,
        "since": shared.since.isoformat(),
    }
    if shared.may_be_named:
        evidence |= {"other_order": str(shared.other_id), "other_coi": shared.other_coi}
    return evidence
