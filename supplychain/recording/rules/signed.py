"""Which reports people sign, and that no worklist offers them: one person signs for one order, on its page. Pure."""

from dataclasses import replace

from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.rules.interlocks import OVERRIDE
from supplychain.orders.rules.signing import signing_words
from supplychain.recording.rules.reports import PermittedReport, PersonReports, RefusedReport

ONE_BY_ONE = "This is signed: one person signs it for one order, on the order’s page."


def signing_of(flow: FlowPlan, report: PermittedReport) -> str:
    """What the signature under the report will say; empty: the product asks for none."""
    said = {OVERRIDE: True} if any(one.name == OVERRIDE for one in report.fields) else {}
    return signing_words(flow, report.event_kind, report.stage, said)


def without_signed(flow: FlowPlan, reports: PersonReports) -> PersonReports:
    """What may be recorded of several orders at once."""
    signed = [report for report in reports.permitted if signing_of(flow, report)]
    refused = (
        RefusedReport(report.kind, report.stage, report.attempt, report.words, ONE_BY_ONE, is_own=True)
        for report in signed
    )
    left = tuple(report for report in reports.permitted if report not in signed)
    return replace(reports, permitted=left, refused=(*reports.refused, *refused)) if signed else reports
