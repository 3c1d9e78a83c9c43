"""The sizes of labels and their printers, as the settings say them. Pure."""

from typing import NamedTuple

# In millimetres. Narrower no bar code of a serial number fits; lower no text that could be read stands beside it.
LEAST_WIDTH, LEAST_HEIGHT, MOST_SIDE = 45, 30, 300
MOST_NAME = 64
EXAMPLE = "Bag|100|50|Clean room 2"


class LabelLayout(NamedTuple):
    """A size of label, in millimetres, and the printer that has such labels in it (empty: whichever)."""

    name: str
    width: float
    height: float
    printer: str

    @property
    def words(self) -> str:
        """“Bag, 100 × 50 mm, Clean room 2”."""
        return f"{self.name}, {self.width:g} × {self.height:g} mm" + (f", {self.printer}" if self.printer else "")


class LayoutProblem(ValueError):
    """A layout that cannot be used; the message says why and what to write."""


def read_layouts(entries: list[str]) -> dict[str, LabelLayout]:
    """By name: entries of `name|width|height|printer`. Raises LayoutProblem."""
    found: dict[str, LabelLayout] = {}
    for entry in entries:
        layout = _layout(entry)
        if layout.name in found:
            raise LayoutProblem(f"Two label layouts are named “{layout.name}”: give each a name of its own.")
        found[layout.name] = layout
    if not found:
        raise LayoutProblem(f"There is no label layout: write one, such as {EXAMPLE}.")
    return found


def _layout(entry: str) -> LabelLayout:
    parts = [part.strip() for part in entry.split("|")]
    if len(parts) not in (3, 4) or not parts[0] or max(map(len, parts)) > MOST_NAME:
        raise LayoutProblem(f"“{entry}” is no label layout: write name, width, height and printer, such as {EXAMPLE}.")
    name, width, height, printer = (*parts, "")[:4]
    try:
        sides = float(width), float(height)
    except ValueError:
        raise LayoutProblem(f"“{entry}”: width and height are numbers of millimetres.") from None
    if not (LEAST_WIDTH <= sides[0] <= MOST_SIDE and LEAST_HEIGHT <= sides[1] <= MOST_SIDE):
        raise LayoutProblem(
            f"“{entry}”: a label is {LEAST_WIDTH} to {MOST_SIDE} mm wide and {LEAST_HEIGHT} to {MOST_SIDE} mm high."
        )
    return LabelLayout(name, *sides, printer)
