"""Views of the order list that people keep under a name."""

import pghistory
from django.conf import settings
from django.db import models

from supplychain.ids import new_id
from supplychain.names import NameField


@pghistory.track()
class SavedView(models.Model):
    """A filter and sorting of the order list under a person's own name for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", db_index=False)
    name = NameField(max_length=40)
    query = models.CharField(max_length=1000, blank=True, help_text="Query string of the order list's address.")
    position = models.PositiveSmallIntegerField(help_text="Place among the person's views, from 1.")

    class Meta:
        ordering = ["person", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name"],
                name="one_saved_view_per_name",
                violation_error_message="You have a view of this name already; choose another name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
