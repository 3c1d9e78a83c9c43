"""One small style sheet with the icons that our pages use, made of the outlines in the npm package @tabler/icons.

The package's own web font brings five thousand icons, half a megabyte, to every first visit. Ours keeps its markup:
`<i class="ti ti-NAME" aria-hidden="true"></i>`. A name counts as used where it stands in full in a template, a Python
module or a script of ours.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

FILE = "icons.css"
PREFIX = "icons"
FOLDERS = ("templates", "supplychain", "batches", "dashboards")
ENDINGS = {".html", ".py", ".js"}
NAME = re.compile(r"\bti-([a-z0-9]+(?:-[a-z0-9]+)*)")
# The drawing inside an outline's <svg>, without the empty square that every one begins with.
DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
SQUARE = re.compile(r'<path stroke="none"[^>]*/>')
FRAME = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='#000' stroke-width='2' "
    "stroke-linecap='round' stroke-linejoin='round'>{drawing}</svg>"
)
# A mask, so that an icon has the colour of the text beside it; printed and in forced colours too.
HEAD = """\
.ti{--shape:linear-gradient(#0000,#0000);display:inline-block;flex:none;width:1em;height:1em;vertical-align:-.125em;\
background-color:currentColor;-webkit-mask:var(--shape) center/contain no-repeat;mask:var(--shape) center/contain \
no-repeat;-webkit-print-color-adjust:exact;print-color-adjust:exact}
@media (forced-colors:active){.ti{forced-color-adjust:none;background-color:CanvasText}}
"""


class IconFinder(BaseFinder):
    """Finds `icons/icons.css`, which it makes; for pages served from source and for `collectstatic` alike."""

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing can be set wrongly."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file's place on disk, made anew when our pages use other icons than before."""
        found = str(_made()) if path == f"{PREFIX}/{FILE}" and outlines().is_dir() else ""
        if find_all or kwargs.get("all"):
            return [found] if found else []
        return found or []  # as Django's own: None would count as a file that was found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """The one file, for `collectstatic`."""
        if outlines().is_dir() and not matches_patterns(FILE, list(ignore_patterns or [])):
            storage = FileSystemStorage(location=_made().parent)
            storage.prefix = PREFIX
            yield FILE, storage


def outlines() -> Path:
    """Folder of the package with one SVG file an icon."""
    return settings.NODE_MODULES / "@tabler/icons/icons/outline"


def used_names() -> set[str]:
    """Names after `ti-` in our templates, modules and scripts; some may name no icon."""
    return {name for path in _sources() for name in NAME.findall(path.read_text(encoding="utf-8"))}


def style_sheet(names: Iterable[str]) -> str:
    """The sheet for those of `names` that the package draws."""
    drawn = {name: path for name in sorted(names) if (path := outlines() / f"{name}.svg").is_file()}
    return HEAD + "".join(f'.ti-{name}{{--shape:url("{_data(path)}")}}\n' for name, path in drawn.items())


def _data(path: Path) -> str:
    inside = DRAWING.search(path.read_text(encoding="utf-8"))
    drawing = "".join(line.strip() for line in SQUARE.sub("", inside[1] if inside else "").splitlines())
    return "data:image/svg+xml," + quote(FRAME.format(drawing=drawing.replace('"', "'")), safe=" =/:,-.'")


def _sources() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (path for path in (settings.BASE_DIR / folder).rglob("*") if path.suffix in ENDINGS)


def _made() -> Path:
    path = settings.VAR_DIR / "icons" / FILE
    if path.is_file() and path.stat().st_mtime >= max(source.stat().st_mtime for source in _sources()):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    # Other processes may be serving it.
    with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as fresh:
        fresh.write(style_sheet(used_names()))
    os.chmod(fresh.name, 0o644)
    os.replace(fresh.name, path)
    return path
