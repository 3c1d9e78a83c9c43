"""Who has taken on an order's first flag is not who has another of its flags."""

import re

import pytest

from batches.flags.rules.owners import owner_words, tasks_of
from supplychain.people.statuses import Role


@pytest.mark.parametrize(
    ("owner", "owners", "said"),
    [
        ("Ada", ["Ada"], "you have it"),
        ("Tom", ["Tom", "Ada"], "Tom has it"),
        (None, [], "nobody has it"),
        (None, ["Tom"], "nobody has it (Tom has another of its flags)"),
        (None, ["Ada"], "nobody has it (you have another of its flags)"),
        (None, ["Tom", "Ada"], "nobody has it (Tom and you have others of its flags)"),
    ],
)
def test_only_who_has_the_first_flag_has_it(owner, owners, said):
    assert owner_words(owner, owners, reader="Ada") == said


@pytest.mark.parametrize(
    ("roles", "asked", "left_out"),
    [
        ([Role.SITE_COORDINATOR], ["Site coordinator: ask.", "Coordinator: read.", "QA: a; Site coordinator: b."],
         ["QA: decide.", "Operations: ask the coordinator."]),
        ([Role.QA], ["QA: decide.", "QA or Operations: look."], ["Operations: start, or ask QA before then."]),
        ([Role.QA], ["QA, Operations or Site coordinator: confirm."], ["Operations or Site coordinator: confirm."]),
        ([Role.OPERATIONS], ["QA, Operations or Site coordinator: confirm."], ["QA: decide."]),
        ([Role.SITE_COORDINATOR], ["QA, Operations or Site coordinator: confirm."], ["QA or Operations: decide."]),
        ([Role.OPERATIONS, Role.QA], ["Operations: start.", "QA or Operations: look."], ["Site coordinator: ask."]),
    ],
)  # fmt: skip
def test_a_task_is_that_of_the_roles_that_it_names(roles, asked, left_out):
    pattern = tasks_of(roles).replace(r"\m", r"\b")
    assert all(re.search(pattern, words) for words in asked)
    assert not any(re.search(pattern, words) for words in left_out)


def test_what_two_roles_are_asked_is_a_task_of_both():
    for role in (Role.QA, Role.SITE_COORDINATOR):
        assert re.search(tasks_of([role]).replace(r"\m", r"\b"), "QA or Site coordinator: look at it.")
    assert not re.search(tasks_of([Role.OPERATIONS]).replace(r"\m", r"\b"), "QA or Site coordinator: look at it.")


def test_who_is_asked_by_no_rule_sees_the_tasks_of_all():
    assert tasks_of([Role.ADMINISTRATOR, Role.INSPECTOR]) == tasks_of([]) == ""
