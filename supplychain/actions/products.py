"""Products: they come into being with their flow (actions/flows.py); here is what may change about them."""

from django.db import transaction

from supplychain.actions.refusals import check_reason, refuse_unless_valid, told_by
from supplychain.models import Product, User


@transaction.atomic
def change_product(
    product: Product, *, name: str, requirements: str, is_active: bool, reason: str, by: User | None
) -> Product:
    """Rename a product, say what it requires of a centre (a line each), end or resume new orders. Raises Refused.

    Orders under way go on.
    """
    reason = check_reason(reason)
    product.name, product.requirements, product.is_active = name, requirements, is_active
    refuse_unless_valid(product)
    with told_by("change_product", by, reason):
        product.save(update_fields=["name", "requirements", "is_active"])
    return product
