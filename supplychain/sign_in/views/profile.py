"""A person's own page: who they are here, how they see it, and how they get in."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from supplychain.audit.refusals import Refused
from supplychain.pages.access import signed_in
from supplychain.pages.time_zones import remember_time_zone, time_zone_of
from supplychain.people.actions import change_profile
from supplychain.people.forms import ProfileForm
from supplychain.people.models import User
from supplychain.people.statuses import Theme
from supplychain.sign_in.second_factor import KINDS, needs_second_factor
from supplychain.time_zones import time_zones


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """The page, and taking what was changed: at once in effect; 422 with the page for what cannot be."""
    # A second object: a refused wish must not show in the frame of the page.
    person = User.objects.get(pk=request.user.pk)
    initial = {"theme": person.theme or Theme.SYSTEM}
    form = ProfileForm(request.POST or None, instance=person, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_profile(user=person, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            remember_time_zone(request, person)
            messages.success(request, "Saved.")
            return redirect("profile")
    return _page(request, form)


def _page(request: HttpRequest, form: ProfileForm) -> HttpResponse:
    user = request.user
    memberships = list(user.memberships.select_related("site").order_by("site__name", "role"))
    context = {
        "form": form,
        "zones": time_zones(),
        "zone_of_site": time_zone_of(User(pk=user.pk)),
        "sites_differ": len({one.site.time_zone for one in memberships}) > 1,
        "memberships": memberships,
        "second_factors": Authenticator.objects.filter(user=user, type__in=KINDS).count(),
        "needs_second_factor": needs_second_factor(user),
    }
    return render(request, "supplychain/sign_in/profile.html", context, status=422 if form.errors else 200)
