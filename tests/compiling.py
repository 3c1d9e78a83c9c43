"""`python -m tests.compiling`: compiles the simulation into the cache that every process of the tests then reads."""

from batches.durations.rules.curves import QUANTILES
from batches.simulation.rules.futures import simulate
from batches.simulation.rules.network import OrderAhead, Visit, network


def compile_simulation() -> None:
    """Simulate one order with one stage once; done in a moment where the cache is filled already."""
    net, _ = network([OrderAhead(key=1, visits=[Visit("making", 0)], exit=0)], [], [[1.0] * QUANTILES])
    simulate(net, paths=1)


if __name__ == "__main__":
    compile_simulation()
