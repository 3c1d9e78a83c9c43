"""What people do with scenarios: keep, run, cancel, copy, share and give them up; ask for the cheapest plan."""

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from batches.ramp_ups.actions import runs as ramp_up_runs
from batches.ramp_ups.actions import scenarios as ramp_ups
from batches.ramp_ups.forms import CostsForm, PlanQuestionForm, ScenarioForms
from batches.ramp_ups.models import LineCosts, Scenario, ScenarioRun
from batches.ramp_ups.queries.lines import planned_lines, read_line, scenarios_of
from batches.ramp_ups.rules.lines import to_json
from batches.ramp_ups.rules.planned import planned_changes, planned_words
from batches.ramp_ups.rules.tried_plans import Target
from batches.ramp_ups.rules.words import own_words
from supplychain.audit.refusals import Refused
from supplychain.pages.access import signed_in
from supplychain.people.models import User
from supplychain.sites.models import Site


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_ramp_up(request: HttpRequest) -> HttpResponse:
    """The form of a new scenario, and keeping it: 422 with what to do where it cannot be kept."""
    line = _line(request.user, request.POST.get("line") or request.GET.get("line", ""))
    return _edit(request, line, None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit_ramp_up(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """The same for one of the person's own."""
    scenario = _own(request.user, scenario_id)
    return _edit(request, scenario.line, scenario)


@require_POST
@signed_in
def run_scenario(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """Simulate the scenario on the line as it is now."""
    scenario = _visible(request.user, scenario_id)
    try:
        ramp_up_runs.run_again(scenario=scenario, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, " ".join(refused.errors.values()))
    return redirect("ramp_up", scenario_id=scenario_id)


@require_POST
@signed_in
def cancel_ramp_up_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Stop a simulation."""
    try:
        run = ramp_up_runs.cancel_run(run_id=run_id, by=request.user, now=timezone.now())
    except ScenarioRun.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        messages.error(request, " ".join(refused.errors.values()))
        run = ScenarioRun.objects.get(pk=run_id)
    return redirect("ramp_up", scenario_id=run.scenario_id)


@require_POST
@signed_in
def copy_ramp_up(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """A copy of the person's own, to be changed."""
    _visible(request.user, scenario_id)
    return _to_own(request, scenario_id, partial(ramp_ups.copy_scenario, scenario_id=scenario_id))


@require_POST
@signed_in
def share_ramp_up(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """Let the people of the line see it, or no more."""
    is_shared = not _own(request.user, scenario_id).is_shared
    ramp_ups.share_scenario(scenario_id=scenario_id, is_shared=is_shared, by=request.user, now=timezone.now())
    messages.success(request, "Shared with the people of the line." if is_shared else "Only you see it now.")
    return redirect("ramp_up", scenario_id=scenario_id)


@require_POST
@signed_in
def delete_ramp_up(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """Give it up with its results."""
    _own(request.user, scenario_id)
    name = ramp_ups.delete_scenario(scenario_id=scenario_id, by=request.user)
    messages.success(request, f"“{name}” is deleted.")
    return redirect("ramp_ups")


@require_POST
@signed_in
def keep_plan(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """Keep the plan that was found as a scenario of one's own."""
    scenario = _visible(request.user, scenario_id)
    return _to_own(request, scenario_id, partial(ramp_up_runs.keep_plan, scenario=scenario))


@require_POST
@signed_in
def find_plan(request: HttpRequest) -> HttpResponse:
    """The prepared question: so many more patients, on time with such a share, as cheap as possible."""
    form = PlanQuestionForm(request.POST)
    line = _line(request.user, request.POST.get("line", ""))
    if not form.is_valid():
        messages.error(request, "Ask for -50 to 200 % more patients, at 1 to 99 % on time.")
        return redirect("ramp_ups")
    target = Target(form.cleaned_data["more"], form.cleaned_data["on_time"] / 100)
    try:
        run = ramp_up_runs.ask_for_plan(line=line, target=target, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, " ".join(refused.errors.values()))
        return redirect("ramp_ups")
    return redirect("ramp_up", scenario_id=run.scenario_id)


@require_POST
@signed_in
def look_ahead(request: HttpRequest) -> HttpResponse:
    """Hold the model against the last weeks of a line, and simulate its next four, now."""
    line = _line(request.user, request.POST.get("line", ""))
    now = timezone.now()
    ramp_up_runs.start_replays(now=now, line=line)
    if not ramp_up_runs.start_outlooks(now=now, line=line):
        messages.error(request, f"Nothing was started: {line.name} is being simulated already, or has no orders.")
    return redirect("ramp_ups")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def line_costs(request: HttpRequest) -> HttpResponse:
    """What places, batches and tests of a line cost, and keeping it: 422 with what to do where it cannot be kept."""
    line, now = _line(request.user, request.POST.get("line") or request.GET.get("line", "")), timezone.now()
    kept = LineCosts.objects.filter(line=line).select_related("edited_by").first()
    initial = kept.costs | {"currency": kept.currency} if kept else {}
    form = CostsForm(request.POST or None, prefix="cost", initial=initial, line=read_line(line, now=now))
    if request.method == "POST" and form.is_valid():
        try:
            said = {"costs": form.costs, "currency": form.said_currency}
            ramp_ups.save_line_costs(line=line, by=request.user, now=now, **said)
        except Refused as refused:
            form.refuse(refused.errors)
        else:
            messages.success(request, f"The costs of {line.name} are kept. Run a scenario again to use them.")
            return redirect(f"{reverse('ramp_ups')}?{urlencode({'line': line.code})}")
    page = {"line": line, "form": form, "kept": kept}
    return render(request, "batches/ramp_ups/line_costs.html", page, status=422 if request.method == "POST" else 200)


def _edit(request: HttpRequest, line: Site, scenario: Scenario | None) -> HttpResponse:
    now = timezone.now()
    seen = read_line(line, now=now)
    forms = ScenarioForms(seen, request.POST or None, scenario)
    if request.method == "POST" and forms.is_valid():
        try:
            return _kept(request, line, scenario, forms.cleaned())
        except Refused as refused:
            forms.refuse(refused.errors)
    planned = planned_words(map(to_json, planned_changes(seen, within=inf)), now, ZoneInfo(line.time_zone))
    page = {"line": line, "scenario": scenario, "forms": forms, "planned": planned, "own": own_words(seen)}
    return render(request, "batches/ramp_ups/ramp_up_form.html", page, status=422 if request.method == "POST" else 200)


def _kept(request: HttpRequest, line: Site, scenario: Scenario | None, said: dict[str, Any]) -> HttpResponse:
    scenario_id = scenario.pk if scenario else None
    saved = ramp_ups.save_scenario(line=line, by=request.user, now=timezone.now(), scenario_id=scenario_id, **said)
    if "run" in request.POST:
        return run_scenario(request, scenario_id=saved.pk)
    messages.success(request, "Kept. Run it to see what it comes to.")
    return redirect("ramp_up", scenario_id=saved.pk)


def _to_own(request: HttpRequest, scenario_id: UUID, make: Callable[..., Scenario]) -> HttpResponse:
    """To the form of what `make` made for the person; back to where it came from if that was refused."""
    try:
        made = make(by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, " ".join(refused.errors.values()))
        return redirect("ramp_up", scenario_id=scenario_id)
    return redirect("edit_ramp_up", scenario_id=made.pk)


def _line(user: User, code: str) -> Site:
    line = planned_lines(user).filter(code=code).first()
    if line is None:
        raise Http404
    return line


def _visible(user: User, scenario_id: UUID) -> Scenario:
    scenario = scenarios_of(user).select_related("line").filter(pk=scenario_id).first()
    if scenario is None:
        raise Http404
    return scenario


def _own(user: User, scenario_id: UUID) -> Scenario:
    scenario = _visible(user, scenario_id)
    if scenario.owner_id != user.pk:
        raise Http404
    return scenario
