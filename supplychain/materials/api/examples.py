"""Examples of materials, lots and traces in the interface's documentation."""

from supplychain.rest.examples import answer

BAG = {
    "number": "A2601-B1", "kind": "final_bag", "component": "CD8", "stage": "formulation", "storage": "≤ −150 °C",
    "volume_ml": 50.0, "cells": 55000000, "expires_at": "2027-06-30T21:59:00Z", "made_at": "2026-06-12T10:20:00Z",
    "status": "released", "status_at": "2026-06-22T09:00:00Z", "status_reason": "", "doubts": [],
    "parents": ["A2601-CD8"],
}  # fmt: skip
OF_ORDER = {"order": "0198f6f4-3c1e-7b6a-9d52-4f4a5be0c001", "coi": "CO26D0ZE6HZ9M2"}
USE = {
    "kind": "vector", "product": "Lentiviral vector", "number": "LV-2604", "material": "A2601-CD8",
    "stage": "transduction", "expires_at": None, "used_at": "2026-06-04T08:00:00Z",
}  # fmt: skip
MATERIALS = [answer("One bag", OF_ORDER | BAG)]
LOT = {
    "id": "6a1c2d6e-07cf-5c55-9a51-0c3e5b6d9a10", "kind": "vector", "product": "Lentiviral vector", "number": "LV-2604",
    "orders": 12, "first_used_at": "2026-05-28T08:00:00Z", "last_used_at": "2026-06-20T08:00:00Z", "expires_at": None,
}  # fmt: skip
LOTS = [answer("One lot", LOT)]
TRACED = OF_ORDER | {
    "patient_reference": "P-1042", "product": "CAR-T CD19", "status": "infused", "infused_at": "2026-06-28T12:05:00Z",
    "infusion_started_at": None,
    "materials": [BAG | {"part": "made_from", "lots": []}],
    "lots": [USE],
    "shipments": [
        {
            "direction": "outbound", "status": "delivered", "courier": "Polar Express", "tracking_number": "PX-1",
            "shipper_number": "DS-7", "picked_up_at": "2026-06-24T08:00:00Z", "delivered_at": "2026-06-25T09:30:00Z",
        }
    ],
}  # fmt: skip
TRACES = [answer("Where a lot went", TRACED)]
