"""Labels as a PDF, one a page: a Data Matrix, the serial number as Code 128, and lines that never leave the label.
Where no bar code has room the Data Matrix is alone.

A line that is too long is broken, and all are made smaller until they fit; what cannot be read then is not printed.
Measures of the codes are whole dots of a printer with eight dots a millimetre (203 dpi).
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.ecc200datamatrix import ECC200DataMatrix
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from supplychain.pages.papers import BOLD, FIXED, PLAIN, register_fonts

MARGIN, GAP = 1.5 * mm, 1.5 * mm
DOT = mm / 8
LARGEST, SMALLEST, STEP, LEADING = 14.0, 4.5, 0.25, 1.2
# Dots of a module, the largest first that fits; a code's share of the label's height and width.
MATRIX_DOTS, BAR_DOTS = (5, 4, 3, 2), (3, 2)
QUIET_BARS = 10
SERIAL_SIZE = 6.0
# The Data Matrix's share of the label's width; and on a label without a bar code, whose edges are narrower: the first
# beside which the text has room.
MATRIX_SHARE, SMALL_SHARES, EDGE, SMALLEST_OF_SMALL = 0.4, (0.3, 0.2), 0.75 * mm, 4.0
# By modules of a side: regions a side, code words of data, of error correction (ISO/IEC 16022).
SQUARES = {
    16: (1, 12, 12), 18: (1, 18, 14), 20: (1, 22, 18), 22: (1, 30, 20), 24: (1, 36, 24), 26: (1, 44, 28),
    32: (2, 62, 36), 36: (2, 86, 42), 40: (2, 114, 48), 44: (2, 144, 56),
}  # fmt: skip


class SquareMatrix(ECC200DataMatrix):
    """A square Data Matrix of one of SQUARES in the ASCII encodation.

    The library itself knows one size, and C40, whose last characters it encodes so that readers add a NUL.
    """

    def __init__(self, text: str, side: int) -> None:
        super().__init__(text)
        regions, self.cw_data, self.cw_ecc = SQUARES[side]
        self.row_modules = self.col_modules = side
        self.row_regions = self.col_regions = regions
        self.row_usable_modules = self.col_usable_modules = side - 2 * regions

    def _encode_c40(self, value: str) -> list[int]:
        words = _words(value)
        words += [129] if len(words) < self.cw_data else []  # padding begins
        while len(words) < self.cw_data:
            scattered = 130 + 149 * (len(words) + 1) % 253
            words.append(scattered if scattered <= 254 else scattered - 254)
        return words


class LabelTooSmall(Exception):
    """What is to stand on a label does not fit on one of this size so that it can be read."""

    def __init__(self) -> None:
        super().__init__("What stands on the label cannot be read on one of this size: choose a larger one.")


@dataclass(frozen=True, slots=True)
class LabelPaper:
    """One label: `lines` for the eye, the first in bold; `code`: what the Data Matrix says; `serial`: the bar
    code, empty on a label that is too small for one."""

    lines: Sequence[str]
    code: str
    serial: str


@dataclass(frozen=True, slots=True)
class LabelArea:
    """A part of a label, in points from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float


def labels_pdf(labels: Sequence[LabelPaper], width_mm: float, height_mm: float) -> bytes:
    """The labels, one on each page of this size. Raises LabelTooSmall, FontMissing."""
    register_fonts()
    size = width_mm * mm, height_mm * mm
    canvas = Canvas(BytesIO(), pagesize=size, invariant=1)
    canvas.setTitle("Labels")
    for label in labels:
        _draw(canvas, label, *size)
        canvas.showPage()
    return canvas.getpdfdata()


def _draw(canvas: Canvas, label: LabelPaper, width: float, height: float) -> None:
    if not label.serial:
        _draw_small(canvas, label, width, height)
        return
    bars_top = _draw_bars(canvas, label.serial, width, height)
    above = LabelArea(MARGIN, bars_top + GAP, width - 2 * MARGIN, height - MARGIN - bars_top - GAP)
    side = _draw_matrix(canvas, matrix_of(label.code), above)
    beside = LabelArea(MARGIN + side + GAP, above.bottom, above.width - side - GAP, above.height)
    _draw_lines(canvas, label.lines, beside)


def _draw_small(canvas: Canvas, label: LabelPaper, width: float, height: float) -> None:
    area, smallest = LabelArea(EDGE, EDGE, width - 2 * EDGE, height - 2 * EDGE), SMALLEST_OF_SMALL
    matrix = matrix_of(label.code)
    for share in SMALL_SHARES:
        side = _side_of(matrix, area, share) + EDGE
        beside = LabelArea(EDGE + side, EDGE, area.width - side, area.height)
        with suppress(LabelTooSmall):
            _draw_lines(canvas, label.lines, beside, smallest)
            _draw_matrix(canvas, matrix, area, share)
            return
    raise LabelTooSmall


def _draw_bars(canvas: Canvas, serial: str, width: float, height: float) -> float:
    """The bar code along the lower edge with its number below it; where its upper edge is."""
    bottom, tall = MARGIN + SERIAL_SIZE * LEADING, min(max(0.16 * height, 5 * mm), 12 * mm)
    for dots in BAR_DOTS:
        code = Code128(serial, barWidth=dots * DOT, barHeight=tall, quiet=False)
        needed = code.width + 2 * QUIET_BARS * dots * DOT
        if needed <= width:
            break
    else:
        raise LabelTooSmall
    code.drawOn(canvas, (width - code.width) / 2, bottom)
    canvas.setFont(FIXED, SERIAL_SIZE)
    canvas.drawCentredString(width / 2, MARGIN + 0.25 * SERIAL_SIZE, serial)
    return bottom + tall


def _side_of(matrix: ECC200DataMatrix, area: LabelArea, share: float) -> float:
    """How wide the largest that fits is, with a module free around it. Raises LabelTooSmall."""
    modules, room = len(matrix.encoded) + 2, min(area.height, share * area.width)
    side = next((modules * dots * DOT for dots in MATRIX_DOTS if modules * dots * DOT <= room), None)
    if side is None:
        raise LabelTooSmall
    return side


def _draw_matrix(canvas: Canvas, matrix: ECC200DataMatrix, area: LabelArea, share: float = MATRIX_SHARE) -> float:
    """The Data Matrix in the upper left corner; its width with the module that is free around it."""
    side, modules = _side_of(matrix, area, share), len(matrix.encoded) + 2
    matrix.barWidth = module = side / modules
    canvas.saveState()
    canvas.translate(area.left + module, area.bottom + area.height - (modules - 1) * module)
    _fill(canvas, matrix, module)
    canvas.restoreState()
    return side


def _fill(canvas: Canvas, matrix: ECC200DataMatrix, module: float) -> None:
    """Neighbouring modules of a row as one, so that no hairline is left between them."""
    for row, bits in enumerate(matrix.encoded):
        start = 0
        for place, bit in enumerate([*bits, 0]):
            if bit and (place == 0 or not bits[place - 1]):
                start = place
            elif not bit and place and bits[place - 1]:
                canvas.rect(start * module, row * module, (place - start) * module, module, stroke=0, fill=1)


def matrix_of(text: str) -> ECC200DataMatrix:
    """The smallest square Data Matrix that holds the text, in ASCII. Raises LabelTooSmall."""
    needed = len(_words(text))
    side = next((side for side, (_, data, _) in SQUARES.items() if needed <= data), None)
    if side is None:
        raise LabelTooSmall
    matrix = SquareMatrix(text, side)
    matrix.validate()
    matrix.encode()
    return matrix


def _words(text: str) -> list[int]:
    """The text in code words of the ASCII encodation: two digits in one, any other character in one."""
    parts = re.findall(r"[0-9]{2}|[\x00-\x7f]", text)
    return [130 + int(part) if len(part) == 2 else ord(part) + 1 for part in parts]


def _draw_lines(canvas: Canvas, lines: Sequence[str], area: LabelArea, smallest: float = SMALLEST) -> None:
    size, broken = fitted(lines, area.width, area.height, smallest)
    top = area.bottom + area.height
    for place, (text, font) in enumerate(broken):
        canvas.setFont(font, size)
        canvas.drawString(area.left, top - size - place * size * LEADING, text)


def fitted(
    lines: Sequence[str], width: float, height: float, smallest: float = SMALLEST
) -> tuple[float, list[tuple[str, str]]]:
    """The largest size in which the lines fit, and how they are broken then, each with its font. Raises
    LabelTooSmall."""
    size = LARGEST
    while size >= smallest:
        broken = [
            (part, font)
            for place, line in enumerate(lines)
            for font in (PLAIN if place else BOLD,)
            for part in wrapped(line, font, size, width)
        ]
        if len(broken) * size * LEADING + 0.1 * size <= height:
            return size, broken
        size -= STEP
    raise LabelTooSmall


def wrapped(line: str, font: str, size: float, width: float) -> list[str]:
    """The line in parts that are no wider: broken at blanks, and within a word that is wider by itself."""
    parts, current = [], ""
    for word in line.split():
        longer = f"{current} {word}".strip()
        if stringWidth(longer, font, size) <= width:
            current = longer
            continue
        parts += [current] if current else []
        current = ""
        for letter in word:
            if current and stringWidth(current + letter, font, size) > width:
                parts.append(current)
                current = ""
            current += letter
    return [*parts, current] if current else parts
