"""`make bench`: how fast CellOps is, against baselines measured in the same run on the same machine."""
