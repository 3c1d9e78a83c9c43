"""The baseline: what Django REST framework takes for one insert and one update, served as CellOps is."""
