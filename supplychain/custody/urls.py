"""Addresses of an order's chain of custody and of drivers' links."""

from django.urls import path

from supplychain.custody.views import custody, links, second_people

urlpatterns = [
    path("orders/<uuid:order_id>/custody/", custody.custody_page, name="custody"),
    path("orders/<uuid:order_id>/custody/confirm/", second_people.confirm_as_second, name="confirm_as_second"),
    path("orders/<uuid:order_id>/custody/beside/", second_people.confirm_beside, name="confirm_beside"),
    path("orders/<uuid:order_id>/custody/links/", links.make_driver_link, name="make_driver_link"),
    path(
        "orders/<uuid:order_id>/custody/links/<uuid:link_id>/revoke/",
        links.revoke_driver_link,
        name="revoke_driver_link",
    ),
    path("driver/<str:token>/", links.driver_link, name="driver_link"),
]
