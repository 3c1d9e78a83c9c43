"""Addresses of the pages."""

from django.urls import path

from dashboards.views import bottlenecks, control_tower, health, inbox, kpis, lines, order_list, orders, site, stream

urlpatterns = [
    path("", control_tower.control_tower, name="control_tower"),
    path("live/", control_tower.control_tower_live, name="control_tower_live"),
    path("orders/", order_list.orders, name="orders"),
    path("orders/live/", order_list.orders_live, name="orders_live"),
    path("orders/csv/", order_list.orders_csv, name="orders_csv"),
    path("orders/find/", orders.find_order, name="find_order"),
    path("orders/<uuid:order_id>/", orders.order_page, name="order"),
    path("orders/<uuid:order_id>/record.json", orders.order_record_file, name="order_record"),
    path("orders/<uuid:order_id>/live/", orders.order_live, name="order_live"),
    path("site/", site.site, name="site"),
    path("site/live/", site.site_live, name="site_live"),
    path("lines/", lines.lines, name="lines"),
    path("lines/live/", lines.lines_live, name="lines_live"),
    path("lines/<slug:site_code>/", lines.line, name="line"),
    path("lines/<slug:site_code>/live/", lines.line_live, name="line_live"),
    path("lines/<slug:site_code>/orders/", lines.line_orders, name="line_orders"),
    path("lines/<slug:site_code>/<str:stage_code>/", lines.line_stage, name="line_stage"),
    path("lines/<slug:site_code>/<str:stage_code>/live/", lines.line_stage_live, name="line_stage_live"),
    path("bottlenecks/", bottlenecks.bottlenecks, name="bottlenecks"),
    path("bottlenecks/live/", bottlenecks.bottlenecks_live, name="bottlenecks_live"),
    path("kpis/", kpis.kpis, name="kpis"),
    path("kpis/csv/", kpis.kpis_csv, name="kpis_csv"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/live/", inbox.inbox_live, name="inbox_live"),
    path("inbox/count/", inbox.inbox_count, name="inbox_count"),
    path("stream/", stream.stream, name="stream"),
    path("healthz/", health.health, name="health"),
]
