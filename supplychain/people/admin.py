"""People and their roles in the administration."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from supplychain.administration.filters import WithinReachFilter
from supplychain.administration.pages import MasterDataAdmin
from supplychain.administration.reach import Reach, reach_of
from supplychain.administration.site import master_data
from supplychain.audit.trails import TrailScope
from supplychain.people.actions import change_person, create_person, give_role, remove_membership
from supplychain.people.forms import NewPersonForm, PersonForm, RoleForm, SignInForm
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from supplychain.sign_in.actions import reset_sign_in
from supplychain.sign_in.forms import ForgottenPasswordForm


def invite(request: HttpRequest, user: User) -> None:
    """Send a new person the link by which they set their password, in words that say who invites them to what."""
    request.invites_as = str(request.user)
    send_link(request, user)


def send_link(request: HttpRequest, user: User) -> None:
    """Send the person the link by which anybody sets a forgotten password, and say whether it went."""
    form = ForgottenPasswordForm({"email": user.email})
    if not form.is_valid():
        messages.warning(request, f"No e-mail was sent: {' '.join(form.errors.get('email', ['the address is odd']))}")
        return
    try:
        form.save(request)
    except ImmediateHttpResponse:  # the mail server did not take it; the person is there all the same
        text = "The mail could not be sent. Once mail works the person asks for a password at the login page."
        messages.warning(request, text)
        return
    text = (
        f"A link to set a password is on its way to {user.email}. It works for an hour; the login page gives another."
    )
    messages.success(request, text)


def help_in(request: HttpRequest, user: User, said: dict[str, Any]) -> None:
    """Forget what the administrator chose, send the link, and say what was done."""
    chosen = {name: said[name] for name in ("second_factors", "single_sign_on")}
    if any(chosen.values()):
        reset_sign_in(user=user, **chosen, reason=said["reason"], by=request.user, now=timezone.now())
        messages.success(request, f"Forgotten. {user} is signed out everywhere and signs in anew.")
    if said["send_link"]:
        transaction.on_commit(partial(send_link, request, user))


def tell_given_back(request: HttpRequest, given_back: Iterable[str]) -> None:
    """Say what somebody had taken on who can act no longer: others must see to it."""
    for words in given_back:
        messages.warning(request, words)


PERSON = ("first_name", "last_name", "email", "time_zone")


@admin.register(User, site=master_data)
class PersonAdmin(MasterDataAdmin):
    """People with a role at the administrator's sites."""

    form = PersonForm
    new_form = NewPersonForm
    change_form_template = "admin/supplychain/user/change_form.html"
    purpose = "Who signs in, and what they may do at which site."
    advice = (
        "People set their passwords themselves, by a link that is sent to them. "
        "Nobody is ever deleted: what they did stays theirs."
    )
    lasting = ("username",)
    list_display = ("full_name", "username", "email", "may_sign_in", "roles_here")
    list_display_links = ("full_name", "username")
    list_filter = ("is_active", "memberships__role")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("last_name", "first_name", "username")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With their roles."""
        return super().get_queryset(request).prefetch_related("memberships__site")

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Those with a role at one of the sites, and those with none anywhere."""
        return rows.filter(pk__in=reach.people().values("pk"))

    def may_change(self, reach: Reach, row: User) -> bool:
        """Only if no role of theirs lies outside the administrator's sites."""
        return reach.governs_person(row)

    def get_urls(self) -> list[URLPattern]:
        """Besides Django's: helping somebody who cannot get in."""
        view = self.admin_site.admin_view(self.sign_in_view)
        return [path("<path:object_id>/sign-in/", view, name="supplychain_user_sign_in"), *super().get_urls()]

    def sign_in_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask what the person needs and why, then do it."""
        with transaction.atomic():
            user = self.get_object(request, unquote(object_id))
            if not self.has_change_permission(request, user) or user == request.user or not user.is_active:
                raise PermissionDenied
            form = SignInForm(request.POST or None)
            if request.method == "POST" and form.is_valid():
                help_in(request, user, form.cleaned_data)
                return HttpResponseRedirect(reverse("admin:supplychain_user_change", args=[user.pk]))
        context = self.admin_site.each_context(request) | {"title": "Help to sign in", "form": form, "original": user}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/supplychain/user/sign_in.html", context | {"opts": self.opts})

    @admin.display(description="name", ordering="last_name")
    def full_name(self, user: User) -> str:
        """How the person is called."""
        return str(user)

    @admin.display(description="may sign in", boolean=True, ordering="is_active")
    def may_sign_in(self, user: User) -> bool:
        """Whether the person is switched on."""
        return user.is_active

    @admin.display(description="roles")
    def roles_here(self, user: User) -> SafeString | str:
        """What the person may do where."""
        roles = sorted(user.memberships.all(), key=lambda one: (one.site.name, one.role))
        words = [(f"{one.get_role_display()}, {one.site.name}",) for one in roles]
        words += [("Superuser: all master data",)] if user.is_superuser else []
        return format_html_join(format_html("<br>"), "{}", words) or "none: sees nothing"

    def write(self, row: User | None, data: dict[str, Any], request: HttpRequest) -> User:
        """Add or change a person."""
        told = {name: data[name] for name in (*PERSON, "reason")} | {"by": request.user}
        if row is not None:
            changed = change_person(row, is_active=data["is_active"], **told)
            tell_given_back(request, changed.given_back)
            return changed
        codes = [site.code for site in data["sites"]]
        told |= {"sites": codes, "role": Role(data["role"]), "with_password": data["with_password"]}
        return create_person(username=data["username"], **told)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """Send the invitation once the person is there."""
        if request.POST.get("with_password"):
            transaction.on_commit(partial(invite, request, User.objects.get(pk=obj.pk)))
        return super().response_add(request, obj, post_url_continue)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **given: Any) -> HttpResponse:
        """The person with their roles."""
        reach, key = reach_of(request), self.key_of(object_id)
        within = Membership.objects.filter(reach.within("site"), user=key)
        roles = list(within.select_related("site").order_by("site__name", "role"))
        is_own = key == request.user.pk
        may_remove = reach.everywhere or not is_own
        extra = {
            "memberships": roles,
            "removable": {one.pk for one in roles if may_remove and reach.holds([one.site_id])},
            "is_own": is_own,
            "may_give_roles": reach.administers,
        }
        return super().change_view(request, object_id, *args, extra_context=extra, **given)


@admin.register(Membership, site=master_data)
class RoleAdmin(MasterDataAdmin):
    """Roles at the administrator's sites: given and taken away one by one, each with its reason."""

    form = RoleForm
    purpose = "Which person has which role at which site."
    advice = (
        "A role is given or taken away, never changed; nobody changes their own, but for administrators of the whole "
        "system."
    )
    list_display = ("person", "role", "site", "may_sign_in")
    list_display_links = None
    list_filter = ("role", ("site", WithinReachFilter))
    search_fields = ("user__username", "user__first_name", "user__last_name")
    ordering = ("user__last_name", "user__username", "site__name", "role")
    list_select_related = ("user", "site")

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Those at the administrator's sites."""
        return rows.filter(reach.within("site"))

    def trail_scopes(self, reach: Reach) -> list[TrailScope]:
        """The same, also when they are gone."""
        return [TrailScope(Membership, reach.within("site"))]

    def may_change(self, reach: Reach, row: Membership) -> bool:
        """Nobody: it is given and taken away."""
        return False

    def may_delete(self, reach: Reach, row: Membership) -> bool:
        """Every one within reach."""
        return True

    @admin.display(description="person", ordering="user__last_name")
    def person(self, membership: Membership) -> SafeString:
        """The person, with the way to their page."""
        address = reverse("admin:supplychain_user_change", args=[membership.user_id])
        return format_html('<a href="{}">{}</a>', address, membership.user)

    @admin.display(description="may sign in", boolean=True)
    def may_sign_in(self, membership: Membership) -> bool:
        """Whether the person is switched on."""
        return membership.user.is_active

    def write(self, row: Membership | None, data: dict[str, Any], request: HttpRequest) -> Membership:
        """Give the role."""
        codes = [site.code for site in data["sites"]]
        told = {"sites": codes, "role": Role(data["role"]), "reason": data["reason"], "by": request.user}
        return give_role(user=data["person"], **told)[0]

    def remove(self, row: Membership, reason: str, request: HttpRequest) -> None:
        """Take it away."""
        tell_given_back(request, remove_membership(row, reason=reason, by=request.user))
