"""The shape of a flow: which stage waits for which. Pure functions over {stage code: codes it waits for}."""

from collections.abc import Mapping, Sequence

Graph = Mapping[str, Sequence[str]]


def board_order(graph: Graph) -> list[str]:
    """Codes so that each stands after all it waits for; where free, as in the file. Codes on a cycle are left out."""
    placed: list[str] = []
    waiting = dict(graph)
    while free := next((code for code, after in waiting.items() if set(after) <= set(placed)), None):
        placed.append(free)
        del waiting[free]
    return placed


def find_cycle(graph: Graph) -> list[str]:
    """The codes of one cycle in the order of the work, beginning with the first in the file; empty: there is none."""
    stuck = set(graph) - set(board_order(graph))
    path: list[str] = []
    code = next((code for code in graph if code in stuck), None)
    # A stage that can never start waits for another such stage: walking back must come round.
    while code is not None and code not in path:
        path.append(code)
        code = next(before for before in graph[code] if before in stuck)
    cycle = path[path.index(code) :][::-1] if code is not None else []
    first = next((code for code in graph if code in cycle), None)
    return cycle[cycle.index(first) :] + cycle[: cycle.index(first)] if first is not None else []


def entries(graph: Graph) -> list[str]:
    """Codes of the stages that wait for nothing, in the order of the file."""
    return [code for code, after in graph.items() if not after]


def exits(graph: Graph) -> list[str]:
    """Codes of the stages that nothing waits for, in the order of the file."""
    awaited = {before for after in graph.values() for before in after}
    return [code for code in graph if code not in awaited]
