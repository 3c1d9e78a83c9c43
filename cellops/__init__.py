"""Wiring only: settings, urls, celery, embedded services, commands. Nobody imports it."""

from cellops.celery import app as celery_app

__all__ = ["celery_app"]
