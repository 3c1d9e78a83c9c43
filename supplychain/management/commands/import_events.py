"""`manage.py import_events FILE.csv`: brings a site's event list in."""

from supplychain.imports.events import EVENT_COLUMNS, event_row, sender_of_events
from supplychain.management.import_command import ImportCommand


class Command(ImportCommand):
    """One row, one event; the columns are in docs/imports.md."""

    help = (
        "Import status events from a CSV file. Columns: docs/imports.md. Safe to run twice: give each row a "
        "source_event_id, or one is made of its content. Rejected rows go to a file beside it; exit status 1 then."
    )
    columns = EVENT_COLUMNS
    what = "events"
    make_row = staticmethod(event_row)
    make_sender = staticmethod(sender_of_events)
