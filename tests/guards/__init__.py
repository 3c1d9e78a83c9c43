"""The laws of the house that a reader could forget, held by `make check`: `python -m tests.guards`."""
