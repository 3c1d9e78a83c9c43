"""Addresses of what people do with flags."""

from django.urls import path

from batches.views import flags

urlpatterns = [
    path("flags/<uuid:flag_id>/acknowledge/", flags.acknowledge, name="acknowledge_flag"),
    path("flags/<uuid:flag_id>/take-on/", flags.take_on, name="take_on_flag"),
]
