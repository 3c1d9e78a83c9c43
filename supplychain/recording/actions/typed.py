"""What a person typed into the fields of a report, as the payload of its event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from supplychain.flows.rules.checklists import CheckKind
from supplychain.identifiers.rules.characters import identifier_problem
from supplychain.identifiers.rules.codes import plain_number
from supplychain.identifiers.rules.donation_numbers import donation_number, donation_problem
from supplychain.moments import written
from supplychain.orders.actions.identifiers import KIND_OF_DETAIL
from supplychain.orders.rules.collections import unread_problem
from supplychain.orders.rules.packing import ANSWERS, ASKED
from supplychain.recording.actions.refusals import ReportRefused
from supplychain.recording.rules.asked import FieldKind, ReportField
from supplychain.recording.rules.fields import CELLS_TOLD, DONATION
from supplychain.recording.rules.reports import PermittedReport
from supplychain.recording.rules.shipment_fields import LOGGERS_FIELD


def typed_payload(report: PermittedReport, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed into the fields that were asked, as the fold reads it; answers to a checklist by the code of their
    item, with the question as it was asked. Raises ReportRefused for one missing."""
    payload: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    for asked in report.fields:
        value = _typed(asked, given.get(asked.name))
        if value is None and asked.is_required:
            raise ReportRefused(_missing(asked), field=asked.name)
        if value is not None and asked.item:
            if problem := unread_problem(asked.item, value):
                raise ReportRefused(problem, field=asked.name)
            answers[asked.item.code] = value
        elif value is not None:
            payload[asked.name] = value
    if answers:
        items = {asked.item.code: asked.item.asked for asked in report.fields if asked.item}
        payload |= {ANSWERS: answers, ASKED: {code: items[code] for code in answers}}
    return payload


def _typed(asked: ReportField, value: Any) -> Any:
    """The value of one field; None: nothing was typed."""
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str) or not (text := value.strip()):
        return None
    if asked.item and asked.item.kind == CheckKind.YES_NO:
        return text == "yes"
    if asked.name == LOGGERS_FIELD.name:
        return list(dict.fromkeys(filter(None, (part.strip() for part in text.replace(",", "\n").splitlines()))))
    is_number = asked.kind == FieldKind.TEXT and asked.is_identity
    return _number(asked, text) if is_number else text


def _missing(asked: ReportField) -> str:
    if asked.name == CELLS_TOLD:
        return f"{asked.label}. Say that it is meant, and that whoever has them is told."
    return f"{asked.label} is missing."


def _number(asked: ReportField, typed: str) -> str:
    """A number as it is stored. Raises ReportRefused where it cannot be one, or its check character does not fit."""
    number = plain_number(typed, KIND_OF_DETAIL.get(asked.name))
    is_donation = asked.name == DONATION.name
    problem = donation_problem(number) if is_donation else identifier_problem(number, is_required=asked.is_required)
    if problem:
        raise ReportRefused(problem, field=asked.name)
    return donation_number(number) if is_donation else number
