"""Addresses of what people do with flags."""

from django.urls import path

from batches.flags import views

urlpatterns = [
    path("flags/acknowledge/", views.acknowledge_together, name="acknowledge_flags"),
    path("flags/<uuid:flag_id>/assign/", views.assign, name="assign_flag"),
    path("flags/<uuid:flag_id>/give-back/", views.give_back, name="give_back_flag"),
    path("flags/<uuid:flag_id>/acknowledge/", views.acknowledge, name="acknowledge_flag"),
    path("flags/<uuid:flag_id>/resolve/", views.resolve, name="resolve_flag"),
    path("flags/<uuid:flag_id>/settle/", views.settle, name="settle_flag"),
    path("flags/<uuid:flag_id>/take-on/", views.take_on, name="take_on_flag"),
]
