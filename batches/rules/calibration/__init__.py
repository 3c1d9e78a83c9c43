"""How right we were: scores of what was said, and what follows from them. Pure; docs/judgement/calibration.md."""
