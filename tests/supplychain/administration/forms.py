"""What the tests of the administration share: the small world with administrators, and forms as they post them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from supplychain.people.models import User
from supplychain.people.statuses import Role
from tests.supplychain.builders import World, make_user

WHY = "Change request 17"


class AdminWorld(World):
    """The small world with an administrator of everything, and one of Oslo alone."""

    def __init__(self) -> None:
        super().__init__()
        self.boss = make_user("boss", self.plant, self.oslo, self.bergen, role=Role.ADMINISTRATOR)
        self.local = make_user("local", self.oslo, role=Role.ADMINISTRATOR)


def browser(user: User) -> Client:
    """The person's browser, signed in."""
    client = Client()
    client.force_login(user)
    return client


def address(table: str, page: str, row: Any = None) -> str:
    """An address of the administration: `address("supplychain_site", "change", site)`."""
    return reverse(f"admin:{table}_{page}", args=[row.pk] if row is not None else [])


def shown(client: Client, url: str) -> dict[str, Any]:
    """What the form of a page holds when it is opened: to be posted with changes."""
    form = client.get(url).context["adminform"].form
    fields = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in fields.items() if value not in (None, False)}


def change(client: Client, url: str, **values: Any) -> Any:
    """Open a form, fill in `values` and the reason, and save; False leaves a box empty."""
    data = shown(client, url) | {"reason": WHY} | values
    return client.post(url, {name: value for name, value in data.items() if value is not False})


def said(answer: Any) -> dict[str, list[str]]:
    """What a form that was not accepted says, by field."""
    form = answer.context["adminform"].form
    return {field: list(texts) for field, texts in form.errors.items()}
