"""What every page of the master data has in common: it asks why, calls an action, and shows the trail."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ModelAdmin, ShowFacets, display
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from supplychain.administration.filters import DeclaredFilters
from supplychain.administration.forms import MasterDataForm
from supplychain.administration.reach import Reach, reach_of
from supplychain.audit.refusals import Refused
from supplychain.audit.trails import TrailScope, keeps_history, trail_of
from supplychain.pages.fields import DayField
from supplychain.pages.time_tags import moment_tag
from supplychain.reasons import MOST_REASON

TRAIL_SIZE = 200
Column = str | Callable[[models.Model], Any]


@cache
def told(table: type[models.Model], name: str) -> Column:
    """How a column or field that is only read is shown: a moment as every page says it, anything else by its name."""
    try:
        field = table._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    if not isinstance(field, models.DateTimeField):
        return name

    @display(description=field.verbose_name, ordering=name)
    def said(row: models.Model) -> SafeString | str:
        return moment_tag(getattr(row, name))

    said.__name__ = name
    return said


def read_only(table: type[models.Model], names: Sequence[str]) -> list[tuple[str | None, dict[str, Any]]]:
    """The one group of fields of a page on which nothing can be changed."""
    return [(None, {"fields": [told(table, name) for name in names]})]


class MasterDataAdmin(ModelAdmin):
    """A table of master data. Subclasses say what each administrator may do and which action does it.

    `purpose`: what the table is for; `lasting`: fields that never change; `advice`: what stands above list and form.
    """

    form = MasterDataForm
    new_form: ClassVar[type[MasterDataForm] | None] = None
    purpose: ClassVar[str] = ""
    advice: ClassVar[str] = ""
    lasting: ClassVar[Sequence[str]] = ()
    actions = None
    formfield_overrides: ClassVar = {models.DateField: {"form_class": DayField, "widget": DayField.widget}}
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    view_on_site = False

    # What an administrator may do
    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """The rows that exist for the administrator."""
        return rows

    def may_add(self, reach: Reach) -> bool:
        """Whether the administrator may add a row."""
        return True

    def may_change(self, reach: Reach, row: models.Model) -> bool:
        """Whether the administrator may change this row."""
        return True

    def may_delete(self, reach: Reach, row: models.Model) -> bool:
        """Whether the administrator may delete this row, if nothing uses it."""
        return False

    def trail_scopes(self, reach: Reach) -> list[TrailScope]:
        """What of the history belongs to this page."""
        ids = self.rows_within(self.model._default_manager.all(), reach).values("pk")
        return [TrailScope(self.model, Q() if reach.everywhere else Q(pgh_obj_id__in=ids))]

    # What does it
    def write(self, row: models.Model | None, data: dict[str, Any], request: HttpRequest) -> models.Model:
        """Call the action that adds (`row` None) or changes a row. Raises Refused."""
        raise NotImplementedError

    def remove(self, row: models.Model, reason: str, request: HttpRequest) -> None:
        """Call the action that deletes a row. Raises Refused."""
        raise NotImplementedError

    def uses(self, row: models.Model) -> list[str]:
        """Why this row cannot be deleted; empty: it can."""
        return []

    # How Django asks for it
    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """The columns; moments as every page says them."""
        return [told(self.model, name) for name in self.list_display]

    def get_changelist(self, request: HttpRequest, **given: Any) -> type[DeclaredFilters]:
        """The list that takes no look-up but its filters'."""
        return DeclaredFilters

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """No address names a row by anything but its key."""
        return to_field == self.opts.pk.name

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Only the rows that exist for this administrator."""
        return self.rows_within(super().get_queryset(request), reach_of(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model | None:
        """The row; locked when it is about to change, so that what is compared is what is changed."""
        row = super().get_object(request, object_id, from_field or None)
        if row is None:
            raise Http404
        if request.method == "POST":
            return self.model._default_manager.select_for_update().get(pk=row.pk)
        return row

    def key_of(self, object_id: str) -> Any:
        """The key in an address; 404 when it can be none."""
        try:
            return self.opts.pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Http404 from error

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Who may enter sees every table; the rows are chosen for each."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """The rows that do not exist for the administrator are left out by `rows_within`."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """As `may_add` says of whoever administers a site."""
        reach = reach_of(request)
        return reach.administers and self.may_add(reach)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """As `may_change` says of a row within what they administer."""
        reach = reach_of(request)
        return reach.administers and (obj is None or (self.may_change(reach, obj) and self._governs(reach, obj)))

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """As `may_delete` says of a row within what they administer."""
        reach = reach_of(request)
        return obj is not None and reach.administers and self.may_delete(reach, obj) and self._governs(reach, obj)

    def _governs(self, reach: Reach, row: models.Model) -> bool:
        """Whether the row would also exist for somebody who is nothing but the administrator that they are."""
        if reach == reach.of_administrator:
            return True
        return self.rows_within(self.model._default_manager.filter(pk=row.pk), reach.of_administrator).exists()

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> list[tuple[str | None, dict]]:
        """The form's own fields, then why."""
        form = self.new_form if obj is None and self.new_form else self.form
        asked_last = [name for name in ("is_meant", "reason", "seen") if name in form.declared_fields]
        names = [*(form._meta.fields or ()), *(name for name in form.declared_fields if name not in asked_last)]
        names = list(dict.fromkeys(names))
        if obj is not None:
            names = [*(name for name in self.lasting if name not in names), *names]
        if obj is None or self.has_change_permission(request, obj):
            names = [told(self.model, name) if obj and name in self.lasting else name for name in names]
            return [(None, {"fields": names}), ("Why", {"fields": asked_last})]
        return read_only(self.model, names)

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Sequence[str]:
        """What lasts cannot be changed."""
        return () if obj is None else [told(self.model, name) for name in self.lasting]

    def get_form(
        self, request: HttpRequest, obj: models.Model | None = None, change: bool = False, **given: Any
    ) -> Any:
        """The form for adding or changing, with what the action refused, if it did."""
        if obj is None and self.new_form:
            given["form"] = self.new_form
        form = super().get_form(request, obj, change, **given)
        form.refusal = getattr(request, "refusal", None)
        if "sites" in form.base_fields:
            form.base_fields["sites"].queryset = reach_of(request).sites().filter(is_active=True)
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **given: Any
    ) -> HttpResponse:
        """Django's page; when the action refuses, the page again with what it said at the fields."""
        if "_saveasnew" in request.POST:
            raise BadRequest("Nothing here is saved as a copy.")
        try:
            return super().changeform_view(request, object_id, *args, **given)
        except Refused as refusal:
            request.refusal = refusal
            return super().changeform_view(request, object_id, *args, **given)

    def save_model(self, request: HttpRequest, obj: models.Model, form: MasterDataForm, change: bool) -> None:
        """Have the action do it. `obj` has the form's values already, so the action gets the row as it is stored."""
        row = self.model._default_manager.get(pk=obj.pk) if change else None
        # What Django says afterwards of `obj` is to be true of the row that the action wrote.
        obj.__dict__.update(self.write(row, form.cleaned_data, request).__dict__)

    def save_related(self, request: HttpRequest, form: MasterDataForm, formsets: list, change: bool) -> None:
        """The action has done all of it."""

    def construct_change_message(self, *args: Any, **given: Any) -> str:
        """The database keeps the trail, not Django's log."""
        return ""

    def log_addition(self, *args: Any) -> None:
        """See `construct_change_message`."""

    log_change = log_deletions = log_addition

    @property
    def form_advice(self) -> str:
        """What stands above a form."""
        return self.advice

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **given: Any) -> HttpResponse:
        """Django's form with our advice, and without the button that adds another."""
        extra = {"advice": self.form_advice, "keeps_history": keeps_history(self.model)}
        extra |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | extra, **given)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's list with what the table is for."""
        title = str(self.opts.verbose_name_plural).capitalize()
        extra = {"title": title, "purpose": self.purpose, "advice": self.advice}
        return super().changelist_view(request, extra | (extra_context or {}))

    def get_deleted_objects(self, objs: Sequence[models.Model], request: HttpRequest) -> tuple[list, dict, set, list]:
        """What goes, and what stands against it."""
        protected = [text for row in objs for text in self.uses(row)]
        return [str(row) for row in objs], {}, set(), protected

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's question, which also asks why; when the action refuses, the question again."""
        try:
            with transaction.atomic():
                told = {"most_reason": MOST_REASON} | (extra_context or {})
                return super().delete_view(request, object_id, told)
        except Refused as refusal:
            for text in refusal.errors.values():
                self.message_user(request, text[:1].upper() + text[1:], messages.ERROR)
            return HttpResponseRedirect(request.path)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Have the action do it."""
        self.remove(obj, request.POST.get("reason", ""), request)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit trail of one row."""
        if not keeps_history(self.model):
            raise Http404
        row = self.get_object(request, unquote(object_id))
        context = self.admin_site.each_context(request) | {
            "title": f"History: {row}",
            "original": row,
            "opts": self.opts,
            "changes": trail_of(row, size=TRAIL_SIZE),
            "size": TRAIL_SIZE,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/object_history.html", context)


class ReadOnlyAdmin(MasterDataAdmin):
    """A table to read: nothing in it can be added, changed or deleted by anybody."""

    form_advice = ""

    def may_add(self, reach: Reach) -> bool:
        """Nobody adds."""
        return False

    def may_change(self, reach: Reach, row: models.Model) -> bool:
        """Nobody changes."""
        return False

    def trail_scopes(self, reach: Reach) -> list[TrailScope]:
        """It is a record itself."""
        return []
