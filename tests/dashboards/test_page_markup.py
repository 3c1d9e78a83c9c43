"""What holds for every page: the content security policy, names for what can be pressed, one main heading."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.urls import reverse

from batches.judgement.statuses import FlagCode, Severity
from tests.dashboards.builders import (
    HTMX,
    TowerWorld,
    browser_of,
    make_bottleneck,
    make_pool,
    raise_flag,
)
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
OWN_FILES = Path(settings.BASE_DIR) / "dashboards/static/dashboards"


class Markup(HTMLParser):
    """Tags of a page with their attributes, and the text inside each button and link."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.unnamed: list[str] = []
        self._open: list[list[str]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag in {"a", "button", "summary"}:
            self._open.append([tag + str(given), given.get("aria-label", "")])

    def handle_data(self, data) -> None:
        for element in self._open:
            element[1] += data

    def handle_endtag(self, tag) -> None:
        if tag in {"a", "button", "summary"}:
            start, words = self._open.pop()
            if not words.strip():
                self.unnamed.append(start)


@pytest.fixture
def pages(client) -> dict[str, str]:
    """Every page and fragment, full of what it can show."""
    world = TowerWorld()
    order = world.order(coi="CO-1", promised_at=at(500))
    world.say(order, "started", "collection", 1, payload={"donation_number": "G1"})
    world.say(order, "completed", "collection", 2)
    flag = raise_flag(order, severity=Severity.CRITICAL, due=at(5), owner=world.operations)
    raise_flag(order, FlagCode.SILENT, stage="")
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=2, busy=2))
    browser = browser_of(world.coordinator)
    addresses = {
        "tower": reverse("control_tower"),
        "order": reverse("order", args=[order.pk]),
        "found": reverse("find_order"),
        "wall": reverse("control_tower") + "?wall=1",
        "print": reverse("order", args=[order.pk]) + "?print=1",
        "acknowledge": reverse("acknowledge_flag", args=[flag.pk]),
        "missing": "/no/such/page/",
    }
    texts = {name: browser.get(address).text for name, address in addresses.items()}
    fragment = browser.get(addresses["acknowledge"], headers=HTMX).text
    return texts | {"login": client.get(reverse("login")).text, "fragment": fragment}


def test_no_page_needs_an_inline_script_style_or_handler(pages):
    for name, text in pages.items():
        for tag, given in Markup(text).tags:
            assert tag != "style", name
            assert "style" not in given, (name, tag, given)
            assert not any(attribute.startswith("on") for attribute in given), (name, tag, given)
            assert tag != "script" or "src" in given, name


def test_nothing_comes_from_elsewhere(pages):
    for name, text in pages.items():
        for tag, given in Markup(text).tags:
            for attribute in ("src", "href", "action"):
                assert not given.get(attribute, "").startswith(("http", "//")), (name, tag, given)


def test_every_static_file_that_a_page_names_exists(pages):
    named = {path for text in pages.values() for path in re.findall(r'(?:src|href)="/static/([^"#?]+)', text)}
    assert {path for path in named if find(path) is None} == set()
    assert "dashboards/js/live.js" in named


def test_whatever_can_be_pressed_has_a_name(pages):
    assert {name: Markup(text).unnamed for name, text in pages.items()} == {name: [] for name in pages}


def test_every_field_has_a_label(pages):
    for name, text in pages.items():
        markup = Markup(text)
        labelled = {given.get("for") for tag, given in markup.tags if tag == "label"}
        for tag, given in markup.tags:
            if tag in {"input", "textarea"} and given.get("type") != "hidden":
                assert given["id"] in labelled, (name, given)


def test_every_whole_page_has_one_main_heading_and_says_its_language(pages):
    for name, text in pages.items():
        if name != "fragment":
            tags = [tag for tag, _ in Markup(text).tags]
            assert (tags.count("h1"), '<html lang="en">' in text) == (1, True), name


def test_no_id_stands_twice(pages):
    for name, text in pages.items():
        ids = [given["id"] for _, given in Markup(text).tags if "id" in given]
        assert sorted(ids) == sorted(set(ids)), name


def test_our_scripts_use_nothing_that_the_policy_bars():
    for script in OWN_FILES.glob("js/*.js"):
        assert not re.search(r"\beval\(|new Function|innerHTML|setAttribute\(.style", script.read_text()), script
