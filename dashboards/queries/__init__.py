"""Readings for the pages, named for the page that they serve. A fixed number of queries each."""
