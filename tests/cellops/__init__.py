"""Tests of what starts, stops and wires CellOps."""
