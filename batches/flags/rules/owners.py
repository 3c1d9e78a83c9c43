"""Who has taken on a flag, in words, the same on board, wall and list."""

from collections.abc import Collection

from supplychain.words import listed_words


def owner_words(owner: object | None, owners: Collection[object], reader: object | None = None) -> str:
    """Who has an order's first flag (`owner`), and who only another of its flags (`owners`: of any of them).

    People are anything that a name is the text of; `reader` is told of as “you”.
    """
    if owner:
        return "you have it" if owner == reader else f"{owner} has it"
    if not owners:
        return "nobody has it"
    names = listed_words("you" if one == reader else str(one) for one in owners)
    if len(owners) > 1:
        return f"nobody has it ({names} have others of its flags)"
    return f"nobody has it ({names} {'have' if reader in owners else 'has'} another of its flags)"
