"""Starts and stops what CellOps runs on one machine: PostgreSQL, Valkey and its own programs. Needs no Django."""
