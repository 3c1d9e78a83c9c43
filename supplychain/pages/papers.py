"""Documents for paper: headed tables and facts as a PDF, each page with its number and what the document is.

Letters are those of DejaVu Sans (Latin, Greek, Cyrillic, Hebrew, Arabic without its joining); a sign that it has not is
printed as an empty box, and stands in the JSON.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO
from xml.sax.saxutils import escape

from django.conf import settings
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

PLAIN, BOLD, FIXED = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"
INK, FAINT, RULE = HexColor("#1a1f24"), HexColor("#4c5661"), HexColor("#b6bec7")
MARGIN, CODE_SIZE = 16 * mm, 26 * mm
# What a frame keeps free on each side.
PADDING = 6
WIDTH = A4[0] - 2 * MARGIN - 2 * PADDING
# A part begins on the next page where less is left of this one.
LEAST_LEFT = 40 * mm
# A cell that is longer would not fit on a page.
MOST_CELL = 2000


@dataclass(frozen=True, slots=True)
class PaperPart:
    """A headed part: a sentence (`lead`), and a table with `heads` over `rows` whose columns share the width by
    `widths`; without heads the rows are pairs of name and value."""

    title: str
    rows: Sequence[Sequence[str]] = ()
    heads: Sequence[str] = ()
    widths: Sequence[float] = (1, 3)
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document. `warning` stands first, framed; `code`: what its two-dimensional code says; `foot`: on every page."""

    title: str
    leads: Sequence[str]
    parts: Sequence[PaperPart]
    foot: str
    code: str = ""
    warning: str = ""


class FontMissing(RuntimeError):
    """The letters for PDF files are not installed."""

    def __init__(self) -> None:
        super().__init__("The letters for PDF files are missing: `make assets` installs them.")


def pdf_of(paper: Paper) -> bytes:
    """The document as a PDF on A4. Raises FontMissing."""
    register_fonts()
    file = BytesIO()
    layout = SimpleDocTemplate(
        file, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN + 6 * mm,
        title=paper.title, author="CellOps", invariant=1,
    )  # fmt: skip
    story = [*_head(paper), *(flowable for part in paper.parts for flowable in _part(part))]
    layout.build(story, canvasmaker=partial(_NumberedCanvas, foot=paper.foot))
    return file.getvalue()


class _NumberedCanvas(Canvas):
    """Writes “page 2 of 5” once it is known how many there are."""

    def __init__(self, *args: object, foot: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._foot, self._pages = foot, []

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFont(PLAIN, 7)
            self.setFillColor(FAINT)
            self.drawString(MARGIN + PADDING, MARGIN - 2 * mm, self._foot)
            self.drawRightString(A4[0] - MARGIN - PADDING, MARGIN - 2 * mm, f"page {number} of {len(self._pages)}")
            super().showPage()
        super().save()


@cache
def register_fonts() -> None:
    for name in (PLAIN, BOLD, FIXED):
        path = settings.NODE_MODULES / "dejavu-fonts-ttf" / "ttf" / f"{name}.ttf"
        if not path.is_file():
            raise FontMissing
        pdfmetrics.registerFont(TTFont(name, path))


def _head(paper: Paper) -> list[Flowable]:
    words = [_text(paper.title, size=15, font=BOLD), Spacer(1, 2 * mm), *(_text(one) for one in paper.leads)]
    if not paper.code:
        head: list[Flowable] = words
    else:
        columns = (WIDTH - CODE_SIZE - 4 * mm, CODE_SIZE + 4 * mm)
        head = [Table([[words, _code(paper.code)]], columns, style=[("VALIGN", (0, 0), (-1, -1), "TOP"), *_FLUSH])]
    if paper.warning:
        box = [("BOX", (0, 0), (-1, -1), 1.2, INK), ("PADDING", (0, 0), (-1, -1), 6)]
        head += [Spacer(1, 3 * mm), Table([[_text(paper.warning, font=BOLD)]], [WIDTH], style=box)]
    return head


def _code(text: str) -> Drawing:
    widget = QrCodeWidget(text, barLevel="M", barBorder=0)
    left, bottom, right, top = widget.getBounds()
    scale = CODE_SIZE / max(right - left, top - bottom)
    return Drawing(CODE_SIZE, CODE_SIZE, widget, transform=(scale, 0, 0, scale, 0, 0))


def _part(part: PaperPart) -> list[Flowable]:
    head = [CondPageBreak(LEAST_LEFT), Spacer(1, 5 * mm), _text(part.title, size=11, font=BOLD), Spacer(1, 1 * mm)]
    head += [_text(part.lead), Spacer(1, 1 * mm)] if part.lead else []
    if not part.rows:
        return [KeepTogether(head)]
    rows = [[_cell(cell, font=BOLD if is_name else PLAIN) for cell, is_name in _named(part, row)] for row in part.rows]
    heads = [[_cell(one, font=BOLD) for one in part.heads]] if part.heads else []
    shares = [WIDTH * width / sum(part.widths) for width in part.widths]
    return [*head, Table([*heads, *rows], shares, repeatRows=len(heads), style=_LINES, splitInRow=1)]


_FLUSH = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
_LINES = [
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
]


def _named(part: PaperPart, row: Sequence[str]) -> list[tuple[str, bool]]:
    return [(cell, not part.heads and place == 0) for place, cell in enumerate(row)]


def _cell(text: str, *, font: str) -> Paragraph:
    shown = text if len(text) <= MOST_CELL else f"{text[:MOST_CELL]}…"
    return _text(shown, size=7.5, font=font)


def _text(text: str, *, size: float = 9, font: str = PLAIN) -> Paragraph:
    return Paragraph(escape(text), _style(size, font))


@cache
def _style(size: float, font: str) -> ParagraphStyle:
    name = f"{font} {size}"
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.35, textColor=INK, splitLongWords=1)
