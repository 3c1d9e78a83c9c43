"""Addresses of the order list and the order page."""

from django.urls import path

from dashboards.orders.views import list as order_list
from dashboards.orders.views import page, reports

urlpatterns = [
    path("orders/", order_list.orders, name="orders"),
    path("orders/live/", order_list.orders_live, name="orders_live"),
    path("orders/csv/", order_list.orders_csv, name="orders_csv"),
    path("orders/find/", page.find_order, name="find_order"),
    path("orders/<uuid:order_id>/", page.order_page, name="order"),
    path("orders/<uuid:order_id>/record.json", page.order_record_file, name="order_record"),
    path("orders/<uuid:order_id>/live/", page.order_live, name="order_live"),
    path("orders/<uuid:order_id>/reports/", reports.chain_reports, name="chain_reports"),
    path("orders/<uuid:order_id>/reports/new/", reports.make_chain_report, name="make_chain_report"),
    path("orders/<uuid:order_id>/reports/<uuid:report_id>.pdf", reports.chain_report_pdf, name="chain_report_pdf"),
    path("orders/<uuid:order_id>/reports/<uuid:report_id>.json", reports.chain_report_json, name="chain_report_json"),
]
