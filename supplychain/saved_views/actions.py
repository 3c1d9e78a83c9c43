"""A person's own views of the order list: kept, renamed, given up."""

from uuid import UUID

from django.db import transaction
from django.db.models import Max

from supplychain.audit.refusals import Refused, refuse_unless_valid, told_by
from supplychain.people.models import User
from supplychain.saved_views.models import SavedView

MOST_VIEWS = 20


@transaction.atomic
def save_view(*, name: str, query: str, by: User) -> SavedView:
    """Keep `query` (of the order list's address) under `name`, after the person's other views. Raises Refused."""
    # Two windows of one person must not both take the last place.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if by.saved_views.count() >= MOST_VIEWS:
        raise Refused({"name": f"You have {MOST_VIEWS} views, the most there can be; delete one first."})
    last = by.saved_views.aggregate(last=Max("position"))["last"] or 0
    view = SavedView(person=by, name=name.strip(), query=query, position=last + 1)
    return _store(view, "save_view", by)


@transaction.atomic
def rename_view(*, view_id: UUID, name: str, by: User) -> SavedView:
    """Give one of the person's own views another name. Raises Refused, SavedView.DoesNotExist."""
    view = by.saved_views.select_for_update().get(pk=view_id)
    view.name = name.strip()
    return _store(view, "rename_view", by)


@transaction.atomic
def delete_view(*, view_id: UUID, by: User) -> SavedView:
    """Give up one of the person's own views; returns it as it was. Raises SavedView.DoesNotExist."""
    view = by.saved_views.select_for_update().get(pk=view_id)
    with told_by("delete_view", by):
        by.saved_views.filter(pk=view.pk).delete()
    return view


def _store(view: SavedView, action: str, by: User) -> SavedView:
    refuse_unless_valid(view)
    with told_by(action, by):
        view.save()
    return view
