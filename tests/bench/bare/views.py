"""Authenticate, validate, insert one row, update one row."""

import hashlib
import uuid
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from supplychain.orders.statuses import OrderStatus
from tests.bench.bare.models import BareEvent, BareOrder

SOURCE = uuid.UUID(int=1)


class EventSerializer(serializers.ModelSerializer):
    """The fields of `POST /api/v1/events/`."""

    order = serializers.UUIDField(source="order_id")

    class Meta:
        model = BareEvent
        fields = ("source_event_id", "order", "kind", "stage", "attempt", "occurred_at", "resource", "payload")


class Events(APIView):
    """Stores an event without asking anything about it."""

    permission_classes = (IsAuthenticated,)

    def post(self, request: Request) -> Response:
        """Insert the event, touch its order."""
        serializer = EventSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        event = store(serializer.validated_data)
        return Response({"event": event.pk, "source_event_id": event.source_event_id}, status.HTTP_201_CREATED)


@transaction.atomic
def store(values: dict[str, Any]) -> BareEvent:
    """One insert, one update."""
    now, head = timezone.now(), hashlib.sha256(values["source_event_id"].encode()).hexdigest()
    event = BareEvent.objects.create(
        **values, position=uuid.uuid4().int % 2**31, recorded_at=now, source_id=SOURCE, content_hash=head, hash=head
    )
    BareOrder.objects.filter(pk=values["order_id"]).update(
        status=OrderStatus.IN_PROGRESS,
        version=F("version") + 1,
        last_recorded_at=now,
        seal=head,
    )
    return event
