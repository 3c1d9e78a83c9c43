"""Numbers of the line pages that lead to the orders behind them."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboards.lines.queries.lines import LineFigures, LineFilter, StageFigures
from dashboards.lines.rules.charts import Behind
from dashboards.lines.rules.verdicts import hundredths
from supplychain.words import span_words

register = template.Library()

# A median up to this much above the plan is chance.
SLOW_RATIO = 1.1


@register.simple_tag
def behind(line: LineFigures, chosen: LineFilter, part: str, row: StageFigures, number: int) -> SafeString | str:
    """A number with the address of its orders; none has no address."""
    if not number:
        return "0"
    address = Behind(reverse("line_orders", args=[line.site.code]), chosen.given)(part, stage=row.stage.code)
    return format_html('<a href="{}">{}</a>', address, number)


@register.simple_tag
def query_of(chosen: LineFilter) -> str:
    """The filter as the end of an address."""
    return f"?{chosen.query}" if chosen.query else ""


register.filter("span", span_words)
register.filter("hundredths", hundredths)


@register.filter
def order_days(hours: float) -> str:
    """Order-hours waited as order-days."""
    return f"{hours / 24:.1f}"


@register.filter
def is_slow(row: StageFigures) -> bool:
    """Whether the usual work takes clearly longer than any flow plans for it."""
    return row.times.work_median is not None and row.times.work_median > SLOW_RATIO * max(row.stage.planned)
