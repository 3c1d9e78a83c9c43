"""In parallel runs the files that take long begin first; alone, tests come as Django likes them."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from tests.conftest import pytest_collection_modifyitems as put_in_order

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
