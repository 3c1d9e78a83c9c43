"""What a chart says of a stretch of time when one points at it."""

from datetime import UTC, datetime

from django.utils import timezone

from supplychain.pages.charts import Band, Chart, ChartKind


def test_the_hour_that_occurs_twice_has_its_offset_in_a_chart_too():
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    bands = [Band("Suite", first, second, "At work"), Band("Suite", second, None, "Waits")]
    chart = Chart("k", "T", ChartKind.BANDS, rows=["Suite"], bands=bands, end=datetime(2026, 10, 26, 12, tzinfo=UTC))
    with timezone.override("Europe/Oslo"):
        said = [band["when"] for band in chart.data["bands"]]
    assert said == ["25 Oct 02:30 +02:00 – 25 Oct 02:30 +01:00", "25 Oct 02:30 +01:00 – 26 Oct 13:00"]
