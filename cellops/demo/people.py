"""The demo's logins, and what these people have done so far."""

from datetime import datetime, timedelta

from batches.flags.actions.people import acknowledge_flag, settle_flag, take_on_flag
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Harm
from cellops.demo.sites import DEMO_PASSWORD, PEOPLE
from supplychain.audit.signing import Proof
from supplychain.audit.statuses import Factor
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.people.actions import add_membership, create_user
from supplychain.people.models import User

# What was said of which kind of flag, about which stage (empty: the order), by whom.
ACKNOWLEDGED = (
    (FlagCode.ON_HOLD, "", "ops", "Called the centre; they expect news tomorrow."),
    (FlagCode.STAGE_FAILED, "expansion", "qa", "Deviation opened; the treating physician knows."),
    (FlagCode.STAGE_LATE, "expansion", "ops", "Slow growth, QA agreed to two more days."),
)
# Of cells that were used after their permitted wait, of orders that have ended since.
SETTLED = "Viability was measured before use and was within its limits; the treating physician agreed."
TAKEN_ON = ((FlagCode.HOLD_EXPIRING, "ops"), (FlagCode.IDENTITY_SHARED, "qa"))
LATELY = timedelta(minutes=25)


def write_people() -> dict[str, User]:
    """Create the demo logins with their roles; by login name. They all have the same published password."""
    people = {}
    for person in PEOPLE:
        user = create_user(
            username=person.username,
            password=DEMO_PASSWORD,
            first_name=person.first_name,
            last_name=person.last_name,
            email=f"{person.username}@cellops.example",  # a domain that never exists (RFC 2606)
            is_administrator=person.username == "admin",
            by=None,
        )
        for site in person.sites:
            add_membership(user=user, site=site.code, role=person.role, by=None)
        people[person.username] = user
    return people


def shown_by(person: User) -> Proof:
    """That whoever writes the demo knows the password of one of its people, as who signs must. Raises ValueError."""
    if not person.check_password(DEMO_PASSWORD):
        raise ValueError(f"{person} has another password.")
    return Proof(person.pk, (Factor.PASSWORD.value,))


def write_flag_work(people: dict[str, User], now: datetime) -> None:
    """Some flags are acknowledged or taken on already, as on any working day, and what is over was decided."""
    over = Flag.objects.filter(cleared_at=None, code=FlagCode.HOLD_EXPIRING).exclude(
        order__status__in=OPEN_ORDER_STATUSES
    )
    for flag in over:
        settle_flag(flag.pk, by=people["qa"], reason=SETTLED, now=_later(flag, now), proof=shown_by(people["qa"]))
    rows = Flag.objects.filter(cleared_at=None, harm__gt=Harm.DOSE_IN_DOUBT)
    raised = list(rows.order_by("code", "harm", "-severity", "order__coi"))
    for code, stage, username, comment in ACKNOWLEDGED:
        if flag := next((one for one in raised if (one.code, one.stage) == (code, stage)), None):
            user = people[username]
            acknowledge_flag(flag.pk, by=user, person=str(user), comment=comment, now=_later(flag, now))
    for code, username in TAKEN_ON:
        if flag := next((one for one in raised if one.code == code), None):
            take_on_flag(flag.pk, by=people[username], now=_later(flag, now))


def _later(flag: Flag, now: datetime) -> datetime:
    """When somebody saw to a flag: lately, and not before it was raised."""
    return max(now - LATELY, flag.raised_at)


def logins() -> str:
    """The demo logins that exist, for the person at the terminal; empty if there are none."""
    known = set(
        User.objects.filter(username__in=[person.username for person in PEOPLE]).values_list("username", flat=True)
    )
    shown = [
        f"  {person.username:<12} {person.role.label}: {_places(person.sites)}"
        for person in PEOPLE
        if person.username in known
    ]
    return "\n".join([f"Demo logins, password {DEMO_PASSWORD} for each:", *shown]) if shown else ""


def _places(sites: tuple) -> str:
    return "all sites" if len(sites) > 2 else " and ".join(site.name for site in sites)
