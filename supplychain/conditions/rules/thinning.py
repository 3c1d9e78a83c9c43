"""Many readings as few points: the lowest and the highest of each of some equal stretches of time, so that no extreme
is lost whatever the width of the chart (the min/max method of time series). Pure."""

from collections.abc import Sequence

MOST_POINTS = 300

Point = tuple[float, int]


def thinned(moments: Sequence[float], temperatures: Sequence[int], most: int = MOST_POINTS) -> list[Point]:
    """At most `most` of the readings (ascending), with the first, the last, and the extremes of every stretch."""
    points = list(zip(moments, temperatures, strict=True))
    if len(points) <= most:
        return points
    buckets = max((most - 2) // 2, 1)
    start, width = moments[0], (moments[-1] - moments[0]) / buckets or 1.0
    ends: dict[int, tuple[Point, Point]] = {}
    for point in points:
        place = min(int((point[0] - start) / width), buckets - 1)
        low, high = ends.get(place, (point, point))
        ends[place] = (point if point[1] < low[1] else low, point if point[1] > high[1] else high)
    kept = {points[0], points[-1]}.union(*ends.values())
    return sorted(kept)
