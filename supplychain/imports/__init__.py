"""Bringing in a site's spreadsheets: reading the file, sending its rows to the actions, keeping what was refused."""
