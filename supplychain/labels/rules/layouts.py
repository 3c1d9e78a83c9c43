"""The sizes of labels and their printers, as the settings say them. Pure."""

from typing import NamedTuple

# In millimetres. Narrower no bar code of a serial number fits, lower no text that could be read beside it: such a label
# bears the Data Matrix alone, and is still large enough for that and the shortest text.
BARS_WIDTH, BARS_HEIGHT = 45, 30
LEAST_WIDTH, LEAST_HEIGHT, MOST_SIDE = 20, 10, 300
MOST_NAME = 64
EXAMPLE = "Bag|100|50|Clean room 2"


class LabelLayout(NamedTuple):
    """A size of label, in millimetres, and the printer that has such labels in it (empty: whichever)."""

    name: str
    width: float
    height: float
    printer: str

    @property
    def is_small(self) -> bool:
        """Whether it has no room for a bar code: a cryovial's."""
        return self.width < BARS_WIDTH or self.height < BARS_HEIGHT

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
            f"“{entry}”: a label is {LEAST_WIDTH} to {MOST_SIDE} mm wide and {LEAST_HEIGHT} to {MOST_SIDE} mm high; "
            "on a smaller one no code could be read."
        )
    return LabelLayout(name, *sides, printer)
