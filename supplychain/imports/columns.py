"""Which columns a file may have, and what to do about the others."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from supplychain.hidden_characters import shown
from supplychain.imports.csv_files import FileRefused

# Written in front of every rejected row; skipped when the mended file is imported.
REJECT_COLUMNS = ("rejected_line", "rejected_because")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind of file. A column that begins with `prefix` (unless empty) is free to name."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    prefix: str = ""

    @property
    def known(self) -> tuple[str, ...]:
        """All columns by name."""
        return (*self.required, *self.optional)

    def read(self, header: Sequence[str], *, ignored: Collection[str] = ()) -> list[str]:
        """The name to use for each cell of a row; empty: skip it. Raises FileRefused with every problem at once."""
        skipped = {*REJECT_COLUMNS, *ignored, ""}
        names = ["" if name in skipped else name for name in header]
        problems = [
            *(f"Column {shown(name)}: it is there twice; remove one." for name, count in Counter(names).items()
              if count > 1 and name),
            *(self._unknown(name) for name in names if name and not self._is_known(name)),
            *(f"Column {name}: it is missing; add it." for name in self.required if name not in names),
        ]  # fmt: skip
        if problems:
            raise FileRefused("\n".join([*problems, f"Columns that can be read: {', '.join(self._shown())}."]))
        return names

    def _is_known(self, name: str) -> bool:
        return name in self.known or bool(self.prefix and name.removeprefix(self.prefix) not in (name, ""))

    def _shown(self) -> list[str]:
        free = [f"{self.prefix}ANYTHING"] if self.prefix else []
        return [*(f"{name} (required)" for name in self.required), *self.optional, *free]

    def _unknown(self, name: str) -> str:
        near = get_close_matches(name, self.known, n=1, cutoff=0.75)
        rename = f"rename it to {near[0]}" if near else "rename it"
        name = shown(name)
        return f"Column {name}: it is not known; {rename}, remove it, or leave it unread with --ignore {name}."
