"""Which rule raised a flag, how bad it is, and what harm it is about."""

from django.db.models import IntegerChoices, TextChoices

from supplychain.flows.statuses import StagePlace

# Of an order, as readings have its sites.
PLACES = (StagePlace.ORDERING_SITE, StagePlace.COLLECTION_SITE, StagePlace.INFUSION_SITE, StagePlace.PLANT)


class FlagCode(TextChoices):
    """Which rule raised a flag."""

    HOLD_EXPIRING = "hold_expiring", "Permitted wait running out"
    STAGE_LATE = "stage_late", "Stage takes too long"
    SHIPMENT_LATE = "shipment_late", "Shipment late"
    PROMISE_AT_RISK = "promise_at_risk", "Date at risk"
    DOSE_AT_RISK = "dose_at_risk", "Dose at risk"
    SILENT = "silent", "Expected news did not come"
    OUT_OF_SEQUENCE = "out_of_sequence", "Facts that do not fit"
    STAGE_FAILED = "stage_failed", "Stage failed"
    ON_HOLD = "on_hold", "On hold"
    CHANGE_ASKED = "change_asked", "The centre asks for a change"
    CELLS_UNDECIDED = "cells_undecided", "Cells of a cancelled order undecided"
    IDENTITY_SHARED = "identity_shared", "One identifier on two orders"
    DONATION_NUMBER = "donation_number", "Donation number in doubt"
    COLLECTION_RECORD = "collection_record", "Record of the collection incomplete"
    PACKAGING = "packaging", "Shipper or packaging in doubt"
    CUSTODY_GAP = "custody_gap", "Custody in doubt"
    EXCURSION = "excursion", "Temperature in doubt"
    IDENTITY_MISMATCH = "identity_mismatch", "Identity mismatch"
    DOSE_REJECTED = "dose_rejected", "No dose is left"
    LABEL_UNRECONCILED = "label_unreconciled", "Labels not accounted for"
    NOT_ENTITLED = "not_entitled", "Reported by a system without the right"
    EVALUATION_FAILED = "evaluation_failed", "Could not be judged"


class Severity(TextChoices):
    """How bad it is."""

    ATTENTION = "attention", "Attention"
    CRITICAL = "critical", "Critical"


class DoseRisk(TextChoices):
    """Why a dose is at risk: each reason has a threshold and a standing severity of its own."""

    WAIT = "wait_expires", "A permitted wait may run out"
    NO_DOSE = "no_dose", "No dose may come"


class Harm(IntegerChoices):
    """What harm a flag is about, the worst first: every list that says “most urgent first” sorts by it.

    `SETTLED`: quality assurance decided on it, and nothing is left to do until somebody says that this was wrong.
    `FORESEEN`: days are left before cells would run out of time, or futures say that a dose may be lost.
    """

    DOSE_BEING_GIVEN = 0, "A dose in doubt is being given"
    DOSE_TO_STOP = 1, "A dose in doubt can still be stopped"
    DOSE_IN_DOUBT = 2, "A dose in doubt was given"
    IDENTITY = 3, "Cells may be another patient's"
    CELLS = 4, "Cells run out of time"
    FAILED = 5, "Work failed"
    ON_HOLD = 6, "A hold or a request waits for a decision"
    UNCLEAR = 7, "Late, or its reports are missing or in doubt"
    FORESEEN = 8, "A dose may be lost later"
    PROMISE = 9, "The date of a dose is at risk"
    SETTLED = 10, "Settled by quality assurance"


# What somebody can still keep from being given.
TO_STOP = (Harm.DOSE_BEING_GIVEN, Harm.DOSE_TO_STOP)


class Remedy(TextChoices):
    """What can still be done about what a flag says: of the order itself, of its line, or nothing but to tell."""

    OWN = "own", "Somebody can act on the order itself"
    LINE = "line", "The order waits for a place: only its line can change that"
    TELL = "tell", "It cannot be changed any more: the centre is to be told"
