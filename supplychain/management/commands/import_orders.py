"""`manage.py import_orders FILE.csv`: brings a site's order list in."""

from supplychain.imports.orders import ORDER_COLUMNS, order_row, sender_of_orders
from supplychain.management.import_command import ImportCommand


class Command(ImportCommand):
    """One row, one order; the columns are in docs/imports.md."""

    help = (
        "Import patient orders from a CSV file. Columns: docs/imports.md. Safe to run twice: give each row a "
        "source_event_id, or one is made of the order's own number. Rejected rows go to a file beside it; exit status "
        "1 then."
    )
    columns = ORDER_COLUMNS
    what = "orders"
    make_row = staticmethod(order_row)
    make_sender = staticmethod(sender_of_orders)
