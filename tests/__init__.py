"""CellOps' tests; `tests/<app>/test_<behaviour>.py`."""
