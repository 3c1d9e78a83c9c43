"""What people do with raised flags: say that they know of one or of many, take one on, assign it, give it back."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from batches.flags.actions.people import (
    MOST_TOGETHER,
    FlagActionRefused,
    Seen,
    acknowledge_flag,
    acknowledge_flags,
    assign_flag,
    give_back_flag,
    resolve_flag,
    settle_flag,
    take_on_flag,
)
from batches.flags.forms import (
    AcknowledgeFlagForm,
    AcknowledgeTogetherForm,
    AssignFlagForm,
    ResolveFlagForm,
    SettleFlagForm,
)
from batches.flags.models import Flag
from batches.flags.queries.flags import (
    HANDLING_ROLES,
    URGENT_FIRST,
    assignees_of,
    of_cause,
    stage_names,
    waiting_flags,
)
from batches.flags.queries.resolving import resolving_problem, signed_about
from batches.flags.queries.roads import road_sign
from batches.flags.rules import centre_words as rules
from batches.flags.rules.choices import choice_of
from batches.flags.rules.stops import doubt_of
from batches.judgement.statuses import FlagCode
from supplychain.flows.queries import flow_plan
from supplychain.moments import UnreadableMoment, read_moment
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops, sites_of
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.rules.interlocks import keeps_people_back
from supplychain.orders.rules.repeats import repeat_words
from supplychain.orders.rules.signing import SIGNED_ABOUT, signing_words
from supplychain.orders.rules.withdrawals import asked_of_second, own_part
from supplychain.orders.statuses import OrderEventKind
from supplychain.pages.access import signed_in
from supplychain.people.models import User
from supplychain.sign_in.signing import Signing
from supplychain.words import listed_words

# Tells the page (hx-trigger) that what it shows is no longer so.
CHANGED = {"HX-Trigger": "flag-changed"}
NO_OTHER = "No other critical flag keeps people from reporting of this order."
REPORT_AGAIN = "people may report of this order again."
# What the order's page says after a page of its own, or without scripts.
DONE = {
    "acknowledge_flag": "your words are kept.",
    "resolve_flag": "your word is kept; it ends once two people have said so.",
    "settle_flag": "your decision is kept{then}",
    "take_on_flag": "it is yours now.",
    "assign_flag": "{owner} has it now.",
    "give_back_flag": "given back; nobody has it now.",
}

ON_EXCURSION = "on an excursion is decided on the order’s page, under “Condition”."


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def acknowledge(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """Saying that one knows of the flag, and what one does about it."""
    flag = _flag_to_handle(request.user, flag_id)
    form = AcknowledgeFlagForm(request.POST or None)
    is_of_centre = rules.is_of_centre(roles_at(sites_of(flag.order), request.user.rights))
    told = rules.next_for_centre(flag.code, flag.next_step, flag.remedy)
    page = {"next_step": told if is_of_centre else flag.next_step}
    return _asked(request, flag, form, "acknowledge_flag", partial(acknowledge_flag, person=str(request.user)), page)


@sensitive_post_parameters("sign-password", "sign-code")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settle(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """The decision of quality assurance that people may go on although the flag stands."""
    flag, now = _flag_to_handle(request.user, flag_id), timezone.now()
    surprises = flag.order.surprises if flag.code == FlagCode.OUT_OF_SEQUENCE else []
    doubt, reporter = doubt_of(flag.code, flag.severity, flag.evidence), str(request.user.pk)
    page = {"problem": own_part(flag.order.surprises, doubt, flag.stage, reporter, flag.order.attempt)}
    if flag.code == FlagCode.EXCURSION:
        page["problem"] = ON_EXCURSION
    asks_second = bool(asked_of_second(surprises, flag.stage))
    plan = flow_plan(flag.order.flow_id).stages.get(flag.stage)
    repeat = repeat_words(flow_plan(flag.order.flow_id), flag.stage, now) if plan else ""
    said = {"subject": flag.subject, "asks_second": asks_second, "repeat": repeat}
    choice = choice_of(flag.code, doubt, plan, flag.evidence, **said)
    page |= {"choice": choice, "sign": road_sign(choice.opposite.road, flag, request.user, now)}
    page["others"] = _others_stop(flag)
    page["no_other"] = NO_OTHER if _keeps_back(flag) else ""
    page["signing"] = _signing(request, flag, OrderEventKind.SETTLED, page["problem"])
    return _asked(request, flag, SettleFlagForm(request.POST or None), "settle_flag", settle_flag, page)


@sensitive_post_parameters("sign-password", "sign-code")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def resolve(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """How an identity mismatch was cleared up, said by one of the two people whom that takes."""
    flag = _flag_to_handle(request.user, flag_id)
    page = {"problem": resolving_problem(flag, request.user), "said": flag.evidence.get("resolved_by")}
    page["signing"] = _signing(request, flag, OrderEventKind.RESOLVED, page["problem"])
    return _asked(request, flag, ResolveFlagForm(request.POST or None), "resolve_flag", resolve_flag, page)


def _signing(request: HttpRequest, flag: Flag, kind: str, problem: str) -> Signing:
    """The part of the form in which the decision is signed, where the product asks for it."""
    about = {SIGNED_ABOUT: signed_about(flag)}
    means = "" if problem else signing_words(flow_plan(flag.order.flow_id), kind, "", about)
    return Signing(request, flag.order_id, means)


def _keeps_back(flag: Flag) -> bool:
    """Whether this flag keeps people from reporting."""
    doubt = doubt_of(flag.code, flag.severity, flag.evidence)
    return keeps_people_back(flow_plan(flag.order.flow_id), doubt, flag.stage)


def _others_stop(flag: Flag) -> str:
    """Which other critical flags of the order keep people from reporting, whatever is decided of this one."""
    stops, flow = open_stops([flag.order_id], now=timezone.now()).get(flag.order_id, ()), flow_plan(flag.order.flow_id)
    others = [one for one in stops if not (one.settlement or one.is_of_labels) and one.flag_id != flag.pk]
    others = [one for one in others if keeps_people_back(flow, one.doubt, one.stage)]
    if not others:
        return ""
    where = [f" ({flow.stages[one.stage].name})" if one.stage in flow.stages else "" for one in others]
    names = listed_words(f"“{one.words}”{place}" for one, place in zip(others, where, strict=True))
    which = f"{len(others)} more critical flags" if others[1:] else "Another critical flag"
    keep, them = ("keep", "them") if others[1:] else ("keeps", "it")
    return f"{which} of this order still {keep} people from reporting: {names}. Decide on {them}, too."


@require_POST
@signed_in
def take_on(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """Make the flag the person's own."""
    return _at_once(request, _flag_to_handle(request.user, flag_id), "take_on_flag", take_on_flag)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def assign(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """Choosing whose flag it becomes."""
    flag = _flag_to_handle(request.user, flag_id)
    form = AssignFlagForm(request.POST or None, people=assignees_of(flag))
    return _asked(request, flag, form, "assign_flag", assign_flag)


@require_POST
@signed_in
def give_back(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    """Make the flag nobody's again."""
    return _at_once(request, _flag_to_handle(request.user, flag_id), "give_back_flag", give_back_flag)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def acknowledge_together(request: HttpRequest) -> HttpResponse:
    """The flags of one cause that nobody has acknowledged, and acknowledging the chosen ones: 422 with none chosen."""
    cause = {name: request.GET.get(name, "")[:50].replace("\0", "") for name in ("code", "stage", "plant", "pool")}
    site_ids = request.user.site_ids(*HANDLING_ROLES)
    if request.method == "POST" and not site_ids:
        raise PermissionDenied
    orders = PatientOrder.objects.of_sites(site_ids)
    waiting = waiting_flags(orders).filter(of_cause(**cause)).order_by(*URGENT_FIRST)
    flags = list(waiting.select_related("order__product")[:MOST_TOGETHER])
    form, now = AcknowledgeTogetherForm(request.POST or None), timezone.now()
    chosen = [seen for text in request.POST.getlist("flag") if (seen := _seen(text, flags))]
    if request.method == "POST" and form.is_valid() and chosen:
        refused = acknowledge_flags(chosen, by=request.user, now=now, **form.cleaned_data)
        _tell_together(request, len(chosen) - len(refused), sorted(set(refused.values())))
        return redirect("control_tower")
    page = {"flags": flags, "form": form, "now": now, "cause": cause, "chosen": {str(one.flag_id) for one in chosen}}
    page["title"] = dict(FlagCode.choices).get(cause["code"], "")
    page["query"] = urlencode({name: value for name, value in cause.items() if value or name == "stage"})
    page["stage_names"] = stage_names(flags)
    page["most"] = MOST_TOGETHER
    status = 422 if request.method == "POST" else 200
    return render(request, "batches/flags/acknowledge_together.html", page, status=status)


def _seen(text: str, flags: Sequence[Flag]) -> Seen | None:
    """A chosen flag as it was read (`id|severity|raised_at`); None for what is no flag of these."""
    flag_id, _, rest = text.partition("|")
    severity, _, raised_at = rest.partition("|")
    flag = next((flag for flag in flags if str(flag.pk) == flag_id), None)
    try:
        return Seen(flag.pk, severity, read_moment(raised_at)) if flag else None
    except UnreadableMoment:
        return None


def _tell_together(request: HttpRequest, done: int, refusals: Sequence[str]) -> None:
    if done:
        messages.success(request, f"{done} flag{'' if done == 1 else 's'} acknowledged.")
    for refusal in refusals:
        messages.error(request, f"Not acknowledged: {refusal}")


def _flag_to_handle(user: User, flag_id: UUID) -> Flag:
    """The flag. Raises Http404 where the order does not exist for this person, PermissionDenied without the role."""
    flags = Flag.objects.select_related("order")
    flag = flags.filter(pk=flag_id, order__in=PatientOrder.objects.of_sites(user.site_ids())).first()
    if flag is None:
        raise Http404
    if not PatientOrder.objects.of_sites(user.site_ids(*HANDLING_ROLES)).filter(pk=flag.order_id).exists():
        raise PermissionDenied
    return flag


def _asked(
    request: HttpRequest, flag: Flag, form: BaseForm, name: str, act: Callable[..., Flag],
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """A form about the flag (for htmx the form alone); taken, the action with what was typed; 422 with the form for
    what cannot be taken, 409 for what the action refuses. `more`: what the form says besides."""
    status, signing = 200, (more or {}).get("signing")
    if request.method == "POST":
        status = 422
        if form.is_valid() and (signing is None or signing.check()):
            proof = {"proof": signing.proof} if signing else {}
            try:
                return _done(request, flag, name, partial(act, **form.cleaned_data, **proof))
            except FlagActionRefused as refusal:
                if request.htmx:
                    return _refused(refusal)
                form.add_error(None, str(refusal))
                status = 409
    template = f"batches/flags/{'_' if request.htmx else ''}{name}.html"
    page = {"flag": flag, "form": form, "now": timezone.now(), **(more or {})}
    return render(request, template, page, status=status)


def _at_once(request: HttpRequest, flag: Flag, name: str, act: Callable[..., Flag]) -> HttpResponse:
    """What needs no form; where the action refuses, 409 with the reason, or without scripts the order with it."""
    try:
        return _done(request, flag, name, act)
    except FlagActionRefused as refusal:
        if request.htmx:
            return _refused(refusal)
        messages.error(request, str(refusal))
        return redirect("order", order_id=flag.order_id)


def _refused(refusal: FlagActionRefused) -> HttpResponse:
    return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8", headers=CHANGED)


def _then(flag: Flag) -> str:
    """Whether people may report again now that the flag is settled; empty where it had kept nobody from it."""
    return _others_stop(flag) or (REPORT_AGAIN if _keeps_back(flag) else "")


def _done(request: HttpRequest, flag: Flag, name: str, act: Callable[..., Flag]) -> HttpResponse:
    """Do it to the flag: the dialog closes; a page of its own leads to the order, which says what was kept."""
    done = act(flag.pk, by=request.user, now=timezone.now())
    if request.htmx:
        return HttpResponse(status=204, headers=CHANGED)
    then = _then(flag) if name == "settle_flag" else ""
    said = DONE[name].format(owner=done.owner, then=f"; {then[:1].lower()}{then[1:]}" if then else ".")
    messages.success(request, f"{flag.title}: {said}")
    return redirect("order", order_id=flag.order_id)
