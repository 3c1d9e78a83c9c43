"""Addresses of lines and bottlenecks."""

from django.urls import path

from dashboards.lines.views import bottlenecks, lines

urlpatterns = [
    path("lines/", lines.lines, name="lines"),
    path("lines/live/", lines.lines_live, name="lines_live"),
    path("lines/<slug:site_code>/", lines.line, name="line"),
    path("lines/<slug:site_code>/live/", lines.line_live, name="line_live"),
    path("lines/<slug:site_code>/orders/", lines.line_orders, name="line_orders"),
    path("lines/<slug:site_code>/<str:stage_code>/", lines.line_stage, name="line_stage"),
    path("lines/<slug:site_code>/<str:stage_code>/live/", lines.line_stage_live, name="line_stage_live"),
    path("bottlenecks/", bottlenecks.bottlenecks, name="bottlenecks"),
    path("bottlenecks/live/", bottlenecks.bottlenecks_live, name="bottlenecks_live"),
]
