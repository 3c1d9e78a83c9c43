"""What tables share whose rows belong to a site: each administrator sees those of their own."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest

from batches.capacity.models import Pool
from supplychain.administration.pages import MasterDataAdmin
from supplychain.administration.reach import Reach, reach_of
from supplychain.audit.trails import TrailScope


class SiteBoundAdmin(MasterDataAdmin):
    """A table whose rows belong to the administrator's sites, by the path `site_field`."""

    site_field: ClassVar[str] = "pool__site"

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Those at the administrator's sites."""
        return rows.filter(reach.within(self.site_field))

    def trail_scopes(self, reach: Reach) -> list[TrailScope]:
        """The same in the history."""
        return [TrailScope(self.model, reach.within(self.site_field))]

    def may_delete(self, reach: Reach, row: Any) -> bool:
        """Every one within reach, if nothing uses it."""
        return True

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **given: Any) -> Any:
        """Only sites and pools within reach, and no buttons to make others on the way."""
        reach = reach_of(request)
        if db_field.name == "site":
            given["queryset"] = reach.sites().filter(is_active=True)
        if db_field.name == "pool":
            given["queryset"] = Pool.objects.filter(reach.of_administrator.within("site")).select_related("site")
        return db_field.formfield(**given)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **given: Any) -> Any:
        """See `formfield_for_foreignkey`."""
        if db_field.is_relation:
            return self.formfield_for_foreignkey(db_field, request, **given)
        return super().formfield_for_dbfield(db_field, request, **given)
