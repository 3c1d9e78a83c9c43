"""How long stages take and how they end, learned from past runs (docs/judgement/durations.md)."""
