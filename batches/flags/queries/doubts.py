"""Critical flags as they stand, and what systems said in spite of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from batches.flags.models import Flag
from batches.flags.rules.shared import partner_words
from batches.flags.rules.stops import CALM_DOUBTS, DOUBTS
from batches.flags.statuses import FlagChangeKind
from batches.judgement.queries import SAID_WRONG_SQL
from batches.judgement.rules.doubts import StandingDoubt
from batches.judgement.rules.facts import SharedIdentifier
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.queries import settlements
from supplychain.orders.rules.interlocks import Settlement
from supplychain.orders.statuses import OrderEventKind, StageEventKind
from supplychain.sql import from_json, read

# Few orders have such a flag: of these alone the question below is asked.
CRITICAL_SQL = """SELECT DISTINCT order_id::text FROM batches_flag
    WHERE order_id = ANY(%(ids)s::uuid[]) AND cleared_at IS NULL
    AND (severity = %(critical)s OR code = ANY(%(calm)s)) AND code = ANY(%(codes)s)"""
# What systems said that happened after a critical flag was first raised, and before quality assurance settled it.
DOUBTS_SQL = f"""SELECT f.order_id, f.code, f.stage, f.subject, settled.at IS NOT NULL,
    wrong.decisions, COALESCE(wrong.is_asked, false),
    settled.at, COALESCE(settled.by, ''), COALESCE(settled.reason, ''), COALESCE(f.evidence ->> 'gist', ''),
    COALESCE((SELECT jsonb_agg(jsonb_build_array(e.stage, e.kind, e.occurred_at) ORDER BY e.position)
        FROM supplychain_statusevent e WHERE e.order_id = f.order_id AND e.source_id IS NOT NULL
        AND e.lacked_scope = '' AND e.stage <> ''
        AND e.kind = ANY(%(work)s) AND e.occurred_at > raised.at
        AND e.recorded_at < COALESCE(settled.at, 'infinity')
        AND COALESCE(e.attempt, o.attempt) = o.attempt AND NOT o.withdrawn_events ? e.id::text), '[]')::text
    FROM batches_flag f JOIN supplychain_patientorder o ON o.id = f.order_id
    CROSS JOIN LATERAL (SELECT min(c.changed_at) AS at FROM batches_flagchange c WHERE c.flag_id = f.id
        AND (c.severity = %(critical)s OR f.code = ANY(%(calm)s)) AND c.changed_at > COALESCE((SELECT max(x.changed_at)
            FROM batches_flagchange x WHERE x.flag_id = f.id AND x.kind = %(cleared)s), '-infinity')) raised
    CROSS JOIN LATERAL (SELECT count(*) AS decisions, bool_or(NOT o.withdrawn_events ? s.id::text) AS is_asked
        FROM supplychain_statusevent s WHERE s.order_id = f.order_id AND s.stage = '' AND s.kind = %(settled)s
        AND s.payload ->> 'flag' = f.id::text AND s.recorded_at >= raised.at AND {SAID_WRONG_SQL}) wrong
    LEFT JOIN LATERAL (SELECT s.recorded_at AS at, s.payload ->> 'reason' AS reason,
            COALESCE(NULLIF(trim(u.first_name || ' ' || u.last_name), ''), u.username) AS by
        FROM supplychain_statusevent s LEFT JOIN supplychain_user u ON u.id = s.user_id WHERE s.order_id = f.order_id
        AND s.stage = '' AND s.kind = %(settled)s AND s.payload ->> 'flag' = f.id::text
        AND s.recorded_at >= f.raised_at AND NOT {SAID_WRONG_SQL} ORDER BY s.recorded_at DESC LIMIT 1) settled ON true
    WHERE f.order_id = ANY(%(ids)s::uuid[]) AND f.cleared_at IS NULL
    AND (f.severity = %(critical)s OR f.code = ANY(%(calm)s)) AND f.code = ANY(%(codes)s)"""


def unsettled_partners(flags: Iterable[Flag]) -> dict[UUID, str]:
    """By flag of an identity that somebody has seen, that another order with the same label is not settled; two queries
    where there is one. What is settled is one order: its partner is another's decision, maybe another plant's."""
    seen = {flag for flag in flags if flag.code == FlagCode.IDENTITY_SHARED and flag.acknowledged_at}
    if not seen:
        return {}
    alike = {"code": FlagCode.IDENTITY_SHARED, "severity": Severity.CRITICAL, "cleared_at": None}
    theirs = list(Flag.objects.filter(subject__in={flag.subject for flag in seen}, **alike).defer("evidence"))
    decided = settlements({one.order_id for one in theirs})
    standing = [one for one in theirs if not _is_settled(one, decided.get(str(one.pk)))]
    said: dict[UUID, str] = {}
    for flag in seen:
        orders = {str(one.order_id) for one in standing if one.subject == flag.subject} - {str(flag.order_id)}
        if orders:
            said[flag.pk] = partner_words(flag.evidence, flag.subject, orders)
    return said


def with_decisions_of_partners(
    shared: Mapping[UUID, tuple[SharedIdentifier, ...]],
) -> dict[UUID, tuple[SharedIdentifier, ...]]:
    """What orders share, with what quality assurance decided of the other one; two queries where any shares."""
    others = sorted({str(one.other_id) for ones in shared.values() for one in ones})
    standing = standing_doubts(others) if others else {}
    decided = {
        (str(order_id), one.subject): one
        for order_id, ones in standing.items()
        for one in ones
        if one.code == FlagCode.IDENTITY_SHARED and one.is_settled
    }
    return {
        order_id: tuple(
            one._replace(decision=decided.get((str(one.other_id), f"{one.other_kind}:{one.value}"))) for one in ones
        )
        for order_id, ones in shared.items()
    }


def _is_settled(flag: Flag, said: Settlement | None) -> bool:
    return said is not None and said.settled_at >= flag.raised_at


def standing_doubts(order_ids: list[str]) -> dict[UUID, tuple[StandingDoubt, ...]]:
    """The critical flags of these orders (ids as text) that may put something in doubt; one query, two where there are
    any."""
    found: dict[UUID, tuple[StandingDoubt, ...]] = {}
    work = [StageEventKind.STARTED.value, StageEventKind.COMPLETED.value]
    words = {"cleared": FlagChangeKind.CLEARED.value, "settled": OrderEventKind.SETTLED.value}
    words["withdrawn"] = OrderEventKind.WITHDRAWN.value
    codes = [FlagCode(code).value for code in DOUBTS]
    asked = {"critical": Severity.CRITICAL.value, "codes": codes, "calm": [FlagCode(one).value for one in CALM_DOUBTS]}
    given = words | asked | {"work": work}
    flagged = read(CRITICAL_SQL, ids=order_ids, **asked)
    doubted = [order_id for (order_id,) in flagged]
    for order_id, *row in read(DOUBTS_SQL, ids=doubted, **given) if doubted else ():
        told = tuple((stage, kind, datetime.fromisoformat(at)) for stage, kind, at in from_json(row[-1]))
        found[order_id] = (*found.get(order_id, ()), StandingDoubt(*row[:4], told, *row[4:-1]))
    return found
