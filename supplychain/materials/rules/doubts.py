"""What does not fit about a material, its order alone or beside others. Pure."""

from supplychain.materials.rules.tracing import DOSES, Piece
from supplychain.materials.statuses import MaterialDoubt
from supplychain.orders.statuses import MaterialStatus, OrderStatus

# Materials that somebody would use, and orders that say not to.
USABLE = frozenset({MaterialStatus.RELEASED, MaterialStatus.SHIPPED})
STOPPED = frozenset({OrderStatus.ON_HOLD, OrderStatus.CANCELLED})
NOT_TO_USE = frozenset({MaterialDoubt.ORDER_STOPPED, MaterialDoubt.REJECTED_AWAY, MaterialDoubt.UNDECIDED})


def doubts_of(piece: Piece, order_status: str) -> tuple[MaterialDoubt, ...]:
    """What does not fit about a material, its order alone or beside others."""
    own = tuple(map(MaterialDoubt, piece.doubts)) if piece.doubts else ()
    is_stopped = piece.status in USABLE and order_status in STOPPED
    seen = {
        MaterialDoubt.ORDER_STOPPED: is_stopped,
        MaterialDoubt.UNDECIDED: piece.lacks_release and piece.kind in DOSES,
        MaterialDoubt.TEST_FAILED: piece.has_failed_test and piece.kind in DOSES,
        MaterialDoubt.ELSEWHERE: piece.is_elsewhere,
    }
    return (*own, *(doubt for doubt, is_so in seen.items() if is_so))
