"""Who has taken on a flag, in words, the same on board, wall and list; and whose task it asks for."""

from collections.abc import Collection

from supplychain.orders.rules.duties import WHO_ACTS
from supplychain.people.statuses import Role
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


def tasks_of(roles: Collection[Role]) -> str:
    """A pattern (PostgreSQL) of next steps that ask something of one of these roles, as the rules name them: “QA: …”,
    “QA or Operations: …”, “QA, Operations or Site coordinator: …”. Empty, which leaves nothing out, where none of the
    roles is asked by any rule."""
    names = [name for role, name in WHO_ACTS.items() if role in roles]
    # “Coordinator:” is a site's, too.
    names = ["(Site c|C)oordinator" if name == WHO_ACTS[Role.SITE_COORDINATOR] else name for name in names]
    return rf"\m({'|'.join(names)})(, Operations)?( or (Operations|Site coordinator))?:" if names else ""
