"""What a list can be filtered by."""

from typing import Any

from django.contrib.admin import ModelAdmin, RelatedFieldListFilter
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.views.main import ChangeList
from django.db.models import Field
from django.http import HttpRequest


class WithinReachFilter(RelatedFieldListFilter):
    """Offers the rows that the other table shows this administrator: never the name of another's site or system."""

    def field_choices(self, field: Field, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        """(id, name) of each."""
        other = model_admin.admin_site.get_model_admin(field.remote_field.model)
        shown = other.get_queryset(request).order_by().values("pk")
        return field.get_choices(
            include_blank=False, ordering=other.get_ordering(request), limit_choices_to={"pk__in": shown}
        )


class DeclaredFilters(ChangeList):
    """A list that takes its declared filters and nothing else.

    Django takes any look-up of any column from the address: `?password__startswith=` tells a password's hash letter by
    letter, also of a column that is never shown.
    """

    def get_filters(self, request: HttpRequest) -> tuple:
        """Each filter takes its own names out of the address. Raises DisallowedModelAdminLookup if one is left."""
        found = super().get_filters(request)
        _, _, undeclared, *_ = found
        if undeclared:
            raise DisallowedModelAdminLookup(f"Filtering by {', '.join(sorted(undeclared))} is not allowed")
        return found
