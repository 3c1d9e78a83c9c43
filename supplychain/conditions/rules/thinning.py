"""Many readings as few points: the lowest and the highest of each of some equal stretches of time, so that no extreme
is lost whatever the width of the chart (the min/max method of time series). Pure."""

from collections.abc import Sequence

MOST_POINTS = 300

Point = tuple[float, int]


def thinned(moments: Sequence[float], temperatures: Sequence[int], most: int = MOST_POINTS) -> list[Point]:
    """At most `most` of the readings (ascending), with the first, the last, and the extremes of every stretch."""
    if len(moments) <= most:
        return list(zip(moments, temperatures, strict=True))
    buckets = max((most - 2) // 2, 1)
    start, width = moments[0], (moments[-1] - moments[0]) / buckets or 1.0
    ends: dict[int, tuple[Point, Point]] = {}
    for point in zip(moments, temperatures, strict=True):
        place = min(int((point[0] - start) / width), buckets - 1)
        low, high = ends.get(place, (point, point))
        if point[1] < low[1] or point[1] > high[1] or place not in ends:
            ends[place] = (point if point[1] < low[1] else low, point if point[1] > high[1] else high)
    kept = {(moments[0], temperatures[0]), (moments[-1], temperatures[-1])}.union(*ends.values())
    return sorted(kept)
