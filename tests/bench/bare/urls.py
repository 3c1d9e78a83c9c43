"""One address."""

from django.urls import path

from tests.bench.bare.views import Events

urlpatterns = [path("events/", Events.as_view())]
