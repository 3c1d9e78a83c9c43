"""Who has taken on an order's first flag is not who has another of its flags."""

import pytest

from batches.flags.rules.owners import owner_words


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
