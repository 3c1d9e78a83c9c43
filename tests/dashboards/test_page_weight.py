"""What a first visit costs, and the small style sheet of icons that keeps it low."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.urls import reverse

from batches.judgement.statuses import FlagCode
from dashboards.icons import NAME, outlines, style_sheet, used_names
from tests.dashboards.builders import (
    TowerWorld,
    browser_of,
    make_bottleneck,
    make_pool,
    raise_flag,
)
from tests.supplychain.builders import at

LIMIT = 350_000  # bytes, compressed, without the charts
LINKED = re.compile(r'<(?:link rel="(?:stylesheet|icon)"[^>]*href|script[^>]*src|use href)="/static/([^"#?]+)')

pytestmark = pytest.mark.skipif(not settings.NODE_MODULES.is_dir(), reason="node_modules is missing: run make install")


def compressed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "wall=1"])
def test_the_first_visit_to_a_full_control_tower_stays_light(query):
    world = TowerWorld()
    for number in range(25):
        order = world.order(coi=f"CO-{number}")
        raise_flag(order, due=at(100 + number), why=f"A reason of some length that speaks of {number} hours. " * 2)
        raise_flag(order, FlagCode.SILENT, stage="")
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=2, busy=2))
    page = browser_of(world.operations).get(f"{reverse('control_tower')}?{query}")

    files = {name: Path(find(name)).read_bytes() for name in set(LINKED.findall(page.text))}
    # Whatever a style sheet fetches in its turn would count too: ours draw their icons in place.
    fetched = {name: re.findall(rb"url\((?!\"?data:)[^)]*woff[^)]*\)", text) for name, text in files.items()}
    assert {name: some for name, some in fetched.items() if some} == {}
    assert "echarts/echarts.min.js" not in files
    total = compressed(page.content) + sum(compressed(text) for text in files.values())
    assert total < LIMIT


def test_every_icon_that_a_page_names_is_drawn():
    assert {name for name in used_names() if not (outlines() / f"{name}.svg").is_file()} == set()


def test_no_template_puts_the_name_of_an_icon_together():
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    assert [str(path) for path in templates if re.search(r"ti-\{[{%]", path.read_text())] == []


def test_the_style_sheet_has_the_used_icons_and_no_others():
    sheet = Path(find("icons/icons.css")).read_text()
    drawn = re.findall(r"^\.ti-([\w-]+)\{--shape:url\(\"data:image/svg\+xml,%3Csvg ", sheet, re.MULTILINE)
    assert set(drawn) == used_names()
    assert "radar-2" in drawn
    assert style_sheet(["no-such-icon"]).count("--shape:url") == 0


def test_names_are_read_from_templates_modules_and_scripts():
    said = NAME.findall('<i class="ti ti-alert-octagon"> "ti-circle-x", anti-ti-x tis ti-2fa')
    assert said == ["alert-octagon", "circle-x", "x", "2fa"]
