"""Labels on paper: every symbol is read again by a decoder that did not make it, and no text leaves its label."""

import string

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth

from supplychain.pages.label_papers import (
    LEADING,
    SMALLEST,
    SQUARES,
    LabelPaper,
    LabelTooSmall,
    fitted,
    labels_pdf,
    matrix_of,
)
from supplychain.pages.papers import register_fonts

SIZES = [(45, 30), (57, 32), (70, 35), (100, 50), (150, 100), (50, 200)]
SERIAL = "L26048152370919"
LINES = ["For autologous use only", "CoI CO26D0ZE6HZ9M2", "DIN G123417654321", "CAR-T CD19", "Final bag · A2601-B1"]
SMALL_SIZES = [(25, 13), (33, 13), (38, 19), (60, 20)]
SHORT = ["Autologous #370919", "CO26D0ZE6HZ9M2", "DIN G123417654321", "CD8 A2601-B1", "CAR-T CD19",
         "Exp 2027-06-30 21:59Z"]  # fmt: skip
# Dots an inch of a usual label printer.
PRINTER = 203
CODED = st.text(string.ascii_letters + string.digits + " -/&.=_+*#:;,", min_size=1, max_size=60).filter(str.strip)
SERIALS = st.from_regex(r"\AL[0-9]{14}\Z")
WORDS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=80)


def read_again(file: bytes, page: int = 0) -> dict[str, str]:
    document = pypdfium2.PdfDocument(file)
    try:
        picture = document[page].render(scale=2 * PRINTER / 72).to_pil()
    finally:
        document.close()
    return {one.format.name: one.text for one in zxingcpp.read_barcodes(picture)}


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_both_symbols_of_every_size_are_read_again(size):
    file = labels_pdf([LabelPaper(LINES, "CO26D0ZE6HZ9M2", SERIAL)], *size)
    assert read_again(file) == {"DataMatrix": "CO26D0ZE6HZ9M2", "Code128": SERIAL}


@pytest.mark.parametrize("size", SMALL_SIZES, ids=str)
@settings(max_examples=25, deadline=None)
@given(serial=SERIALS)
def test_the_one_symbol_of_a_small_label_is_read_again(size, serial):
    file = labels_pdf([LabelPaper(SHORT, serial, "")], *size)
    assert read_again(file) == {"DataMatrix": serial}


def test_what_does_not_fit_on_a_small_label_is_refused():
    with pytest.raises(LabelTooSmall, match="choose a larger one"):
        labels_pdf([LabelPaper([*SHORT, "DIN G123417654321 G123417654322"], SERIAL, "")], 20, 10)


@settings(max_examples=60, deadline=None)
@given(CODED, SERIALS)
def test_whatever_it_holds_is_read_again(coded, serial):
    file = labels_pdf([LabelPaper(LINES, coded.strip(), serial)], 100, 50)
    assert read_again(file) == {"DataMatrix": coded.strip(), "Code128": serial}


@pytest.mark.parametrize("side", SQUARES)
@pytest.mark.parametrize("letter", ["7", "A", "z", "&"])
def test_a_matrix_of_every_size_is_read_again_full_and_with_room(side, letter):
    words = SQUARES[side][1] * (2 if letter == "7" else 1)
    for text in (letter * words, letter * (words - 1), letter * (words - 3)):
        assert len(matrix_of(text).encoded) <= side
        assert read_again(labels_pdf([LabelPaper(LINES[:2], text, SERIAL)], 150, 100))["DataMatrix"] == text


def test_a_page_for_each_label():
    labels = [LabelPaper(LINES, "A-1", "L26000000000017"), LabelPaper(LINES, "A-2", "L26000000000024")]
    file = labels_pdf(labels, 70, 35)
    assert [read_again(file, page)["DataMatrix"] for page in (0, 1)] == ["A-1", "A-2"]


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=9), st.sampled_from(SIZES))
def test_no_text_leaves_its_place(lines, size):
    register_fonts()
    width, height = 0.55 * size[0] * mm, 0.6 * size[1] * mm
    try:
        points, broken = fitted(lines, width, height)
    except LabelTooSmall:
        return
    assert points >= SMALLEST
    assert len(broken) * points * LEADING <= height
    assert all(len(text) == 1 or stringWidth(text, font, points) <= width for text, font in broken)
    assert "".join("".join(lines).split()) == "".join("".join(text for text, _ in broken).split())


def test_what_could_not_be_read_is_not_printed():
    with pytest.raises(LabelTooSmall, match="choose a larger one"):
        labels_pdf([LabelPaper(["words " * 200], "A", SERIAL)], 45, 30)
    with pytest.raises(LabelTooSmall):
        matrix_of("A" * 200)
