"""The dialog of a release says what is still under way, and which flags stand although they stop nobody."""

import pytest
from django.urls import reverse

from batches.judgement.statuses import FlagCode, Severity
from tests.batches.flags.interlocked import InterlockWorld, told
from tests.dashboards.builders import browser_of, raise_flag

pytestmark = pytest.mark.django_db
TO_RELEASE = (
    ("started", "collection", 1), ("completed", "collection", 5), ("started", "inbound", 6),
    ("completed", "inbound", 30), ("started", "selection", 40), ("completed", "selection", 52),
    ("started", "harvest", 53), ("completed", "harvest", 65), ("started", "sterility", 66),
    ("started", "release", 67),
)  # fmt: skip


def test_a_release_tells_of_open_tests_and_of_flags_that_do_not_stop_it():
    world = InterlockWorld()
    order = world.order()
    told(world, order, *TO_RELEASE)
    raise_flag(order, FlagCode.SILENT, stage="sterility", severity=Severity.ATTENTION)
    address = f"{reverse('report_event', args=[order.pk])}?kind=completed&stage=release"
    page = browser_of(world.quality).get(address).content.decode()
    assert "Sterility is still under way since" in page
    assert "Flags that stand and do not stop the release: “" in page
