"""What is signed, and how whoever signs shows who they are."""

from django.db.models import TextChoices


class SignedAct(TextChoices):
    """What a product may ask to be signed (`signatures` in its flow)."""

    RELEASE = "release", "Release"
    REJECTION = "rejection", "Rejection"
    EXCURSION = "excursion", "Decision on an excursion"
    SETTLEMENT = "settlement", "Decision on a critical flag"
    SECOND_PERSON = "second_person", "Confirmation by a second person"


class Factor(TextChoices):
    """What somebody who signs has shown."""

    PASSWORD = "own_password", "password"
    APP = "app_code", "code of the app"
    RECOVERY = "recovery_code", "recovery code"
    PROVIDER = "fresh_sign_in", "fresh sign-in at the provider"


class SignatureState(TextChoices):
    """Whether a signature still says something."""

    HOLDS = "holds", "The signed report is unaltered"
    WITHDRAWN = "withdrawn", "Of a version that no longer stands: the report was withdrawn"
    DOUBTED = "doubted", "Said to be wrong: a second person must confirm; do not rely on it"
    OVERTAKEN = "overtaken", "No longer counts: something newer was said of the same"
    ALTERED = "altered", "The record or the signature was altered since: tell QA, do not rely on it"
