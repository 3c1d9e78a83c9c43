"""In parallel runs the files that take long begin first; alone, tests come as Django likes them.

What has a turn of its own is looked for in the files that name its mark.
"""

import gc
import re
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from supplychain.flows.models import Product
from supplychain.sites.models import Site
from tests.conftest import OWN_TURNS, nobody_else_is_at_work, pytest_itemcollected
from tests.conftest import pytest_collection_modifyitems as put_in_order
from tests.conftest import pytest_ignore_collect as is_left_out
from tests.system import PATIENCE, ROOT

WORKER, ALONE = SimpleNamespace(workerinput={}), SimpleNamespace()


def some_items() -> list[SimpleNamespace]:
    """Of four files, mixed up as Django's order of kinds of tests leaves them."""
    marks = {("test_long.py", 2): "long", ("test_demo.py", 1): "slow"}

    def closest(file: str, number: int) -> Callable[[str], bool]:
        return lambda name: marks.get((file, number)) == name

    return [
        SimpleNamespace(name=f"{file} {number}", path=Path(file), get_closest_marker=closest(file, number))
        for number in (1, 2, 3)
        for file in ("test_few.py", "test_long.py", "test_many.py", "test_demo.py")
        if (file, number) not in {("test_few.py", 3), ("test_demo.py", 3)}
    ]


def test_long_and_slow_files_begin_first_then_those_with_many_tests():
    items = some_items()
    put_in_order(WORKER, items)
    assert [item.name for item in items] == [
        "test_long.py 1", "test_long.py 2", "test_long.py 3", "test_demo.py 1", "test_demo.py 2",
        "test_many.py 1", "test_many.py 2", "test_many.py 3", "test_few.py 1", "test_few.py 2",
    ]  # fmt: skip


def test_one_process_alone_leaves_the_order_as_it_is():
    items = some_items()
    put_in_order(ALONE, items)
    assert [item.name for item in items] == [item.name for item in some_items()]


def asked(marks: str) -> SimpleNamespace:
    return SimpleNamespace(option=SimpleNamespace(markexpr=marks))


@pytest.mark.parametrize(
    ("marks", "read"),
    [
        ("bad_luck", {"lucky"}), ("browser and not bad_luck", {"seen"}),
        ("", {"lucky", "seen", "plain"}), ("not browser and not bad_luck", {"lucky", "seen", "plain"}),
        ("slow", {"lucky", "seen", "plain"}),
    ],
)  # fmt: skip
def test_in_its_turn_only_files_that_name_the_mark_are_read(tmp_path, marks, read):
    texts = {"lucky": "@pytest.mark.bad_luck", "seen": "pytestmark = [pytest.mark.browser]", "plain": "# browser"}
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    assert {name for name in texts if not is_left_out(tmp_path / f"{name}.py", asked(marks))} == read
    assert not is_left_out(tmp_path, asked(marks))


def test_a_test_that_is_marked_from_elsewhere_is_refused(tmp_path):
    (tmp_path / "test_it.py").write_text("from elsewhere import pytestmark")
    item = SimpleNamespace(path=tmp_path / "test_it.py", nodeid="it", get_closest_marker=lambda name: name == "browser")
    with pytest.raises(pytest.UsageError, match="pytest.mark.browser"):
        pytest_itemcollected(item)


def test_the_turns_of_make_test_begin_with_their_mark():
    marks = re.findall(r'-m "?((?:not )?(?:browser|bad_luck))\b', (ROOT / "Makefile").read_text())
    assert marks[:3] == ["not browser", *OWN_TURNS]


def test_rubbish_is_looked_for_again_while_tests_run():
    assert gc.isenabled()


@pytest.mark.django_db(transaction=True)
def test_tables_are_emptied_only_when_what_a_test_left_at_work_has_ended():
    """Its end would be red, or that of the other: each had a lock that the other waits for."""
    has_begun = Event()

    def read_one_table_after_the_other() -> None:
        with transaction.atomic():
            Site.objects.count()
            has_begun.set()
            time.sleep(0.5)
            Product.objects.count()
        connection.close()

    Thread(target=read_one_table_after_the_other).start()
    assert has_begun.wait(PATIENCE)
    assert not nobody_else_is_at_work()
