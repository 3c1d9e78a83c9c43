"""What a person chose to see on the control tower: kept in the page's address."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from supplychain.orders.models import PatientOrderQuerySet
from supplychain.pages.scopes import Scope
from supplychain.pages.viewers import Viewer

SIZES = (25, 50, 100, 200)


class Whose(StrEnum):
    """Which flags an order must have to stand in the at-risk list."""

    ALL = ""
    MINE = "mine"
    NOBODYS = "nobody"
    NOT_SEEN = "unseen"


WHOSE_WORDS = {
    Whose.ALL: "All",
    Whose.NOBODYS: "Nobody's",
    Whose.MINE: "Mine",
    Whose.NOT_SEEN: "Not acknowledged",
}


@dataclass(frozen=True, slots=True)
class TowerFilter:
    """Codes of product, plant and site (empty: all), and which part of the at-risk list.

    `shows_day`: everything that is expected, not only the nearest. `wall`: for a screen that hangs on a wall.
    """

    product: str = ""
    plant: str = ""
    site: str = ""
    whose: Whose = Whose.ALL
    shows_day: bool = False
    wall: bool = False
    size: int = SIZES[0]
    page: int = 1

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """The filter in an address; what makes no sense counts as not given."""
        codes = {name: given.get(name, "").strip()[:50].replace("\0", "") for name in ("product", "plant", "site")}
        size = _number(given.get("size", ""), SIZES[0])
        whose = given.get("whose", "")
        return cls(
            **codes,
            whose=Whose(whose) if whose in WHOSE_WORDS else Whose.ALL,
            shows_day=given.get("day") == "all",
            wall=given.get("wall") == "1",
            size=size if size in SIZES else SIZES[0],
            page=_number(given.get("page", ""), 1),
        )

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.product or self.plant or self.site)

    @property
    def query(self) -> str:
        """The address' query string, without what stands by default."""
        chosen = self._place | {
            "whose": self.whose,
            "day": "all" if self.shows_day else "",
            "wall": "1" if self.wall else "",
        }
        chosen |= {"size": self.size if self.size != SIZES[0] else "", "page": self.page if self.page > 1 else ""}
        return urlencode({name: value for name, value in chosen.items() if value})

    @property
    def _place(self) -> dict[str, str]:
        return {"product": self.product, "plant": self.plant, "site": self.site}

    @property
    def words(self) -> list[str]:
        """The codes that it is narrowed to, for people who know them."""
        return [code for code in self._place.values() if code]

    @property
    def order_query(self) -> str:
        """The same narrowing for the list of orders: begins with “&” unless it is empty."""
        query = urlencode({name: value for name, value in self._place.items() if value})
        return f"&{query}" if query else ""

    @property
    def larger(self) -> Self | None:
        """The same with more rows; None when it is at its largest."""
        bigger = [size for size in SIZES if size > self.size]
        return replace(self, size=bigger[0], page=1) if bigger else None

    @property
    def first_page(self) -> Self:
        """The same from the start of the list."""
        return replace(self, page=1)

    @property
    def previous_page(self) -> Self:
        """The same one page back."""
        return replace(self, page=self.page - 1)

    @property
    def next_page(self) -> Self:
        """The same one page on."""
        return replace(self, page=self.page + 1)

    @property
    def on_other_screen(self) -> Self:
        """The same on a wall screen; from there, back on a desk."""
        return replace(self, wall=not self.wall, page=1)

    @property
    def other_day(self) -> Self:
        """The same with everything that is expected; from there, with the nearest only."""
        return replace(self, shows_day=not self.shows_day)

    @property
    def choices_of_whose(self) -> list[tuple[str, Self, bool]]:
        """Words, the same filter with that choice, and whether it is the present one."""
        return [(words, replace(self, whose=w, page=1), w == self.whose) for w, words in WHOSE_WORDS.items()]

    def orders(self, viewer: Viewer, scope: Scope) -> PatientOrderQuerySet:
        """The viewer's orders that this filter lets through; none for a code that is not in `scope`."""
        return viewer.orders().filter(*scope.conditions(**self._place))


def _number(text: str, otherwise: int) -> int:
    # Six digits are plenty; a longer number would only trouble the database.
    number = int(text[:6]) if text.isascii() and text.isdigit() else 0
    return number or otherwise
