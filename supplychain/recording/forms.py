"""What a person says when they record something: the same form for one order and for several."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone

from supplychain.identifiers.rules.codes import plain_number
from supplychain.identifiers.rules.donation_numbers import donation_number, donation_problem
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.actions.identifiers import KIND_OF_DETAIL
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import change_of
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.rules.promises import ExpectedDose, too_soon_question
from supplychain.orders.rules.reading import MOST_TEXT
from supplychain.orders.rules.states import OPEN_REASON
from supplychain.pages.fields import MINUTES, MeasuredField, MomentField, says_why
from supplychain.pages.missing import PlainForm
from supplychain.reasons import MOST_REPORTED
from supplychain.recording.queries import doubt_of_donation
from supplychain.recording.rules.fields import (
    DONATION,
    DONATION_REASON,
    NEW_PROMISE,
    OVERRIDE_REASON,
    PROMISE,
    REASON,
    FieldKind,
    ReportField,
)
from supplychain.recording.rules.reports import (
    ASKED_FIRST,
    PermittedReport,
    is_surprisingly_early,
    moment_problem_of,
    settled_moment,
    short_question,
    surprisingly_late,
    surprisingly_short,
)
from supplychain.sentences import said_in
from supplychain.words import moment_words

# What stands on a shipper as a code.
SCANNED = frozenset({"shipper_number", "seal_number"})
LAST_ASKED = ("is_first_asked", "occurred_at", "is_late_meant", "is_early_meant", "is_short_meant", "is_soon_meant")


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """An order, and the report that may be made of it. `stops`: its critical flags, to be read before it is made;
    `outlook`: when its dose is expected, where a date is promised."""

    order: PatientOrder
    report: PermittedReport
    stops: Sequence[Stop] = ()
    outlook: ExpectedDose | None = None


class WithdrawalForm(PlainForm):
    """Why a report is wrong."""

    reason = forms.CharField(
        label="Why is it wrong, and how do you know?",
        max_length=MOST_REPORTED,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control", "autofocus": True}),
        validators=[says_why],
        error_messages={"required": "Say why the report is wrong."},
    )
    also = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Mapping[str, Any] | None, *, later: Sequence[tuple[UUID, str]] = ()) -> None:
        super().__init__(data)
        self.fields["also"].choices = [(str(pk), words) for pk, words in later]


class ReportForm(PlainForm):
    """What happened to the orders of `subjects`, all of the same kind and stage, at one moment.

    Left as shown, the moment is that at which the form was opened, to the second (`shown_at`); typed, it is of the
    minute. Long after what was planned it must not be left as shown unasked. `is_many`: numbers that identify
    (donation, batch, tracking) are asked of each order apart.
    """

    token = forms.UUIDField(widget=forms.HiddenInput)
    shown_at = MomentField(widget=forms.HiddenInput(), required=False)
    occurred_at = MomentField(label="When it happened")
    is_first_asked = forms.BooleanField(required=False, label="It is so all the same, and the plant knows")
    is_late_meant = forms.BooleanField(required=False, label="It happened only now, at the time above")
    is_early_meant = forms.BooleanField(required=False, label="The time is right: it happened before it was expected")
    is_short_meant = forms.BooleanField(required=False, label="The time is right: it took only so long")
    is_soon_meant = forms.BooleanField(required=False, label="The date is meant, although it is too early")

    def __init__(
        self, data: Mapping[str, Any] | None, *, subjects: Sequence[ReportSubject], now: datetime, is_many: bool = False
    ) -> None:
        initial = {"token": uuid4(), "shown_at": now.isoformat(), "occurred_at": timezone.localtime(now)}
        super().__init__(data, initial=initial)
        self.subjects, self.now, self.report, self.is_many = subjects, now, subjects[0].report, is_many
        self.is_early, self.short, self.soon = False, "", ""
        self.late = "" if self.is_bound else self._late_question(now)
        self.fields["is_late_meant"].help_text = self.late
        self.first = self._first_question()
        self.fields["is_first_asked"].help_text = self.first
        self.doubted: set[str] = set()
        self.fields["occurred_at"].label = self.report.when_words
        self.fields["occurred_at"].widget.attrs["max"] = f"{timezone.localtime(now):{MINUTES}}"
        for subject in subjects:
            version = forms.IntegerField(widget=forms.HiddenInput, initial=subject.order.version)
            self.fields[self._name("seen_version", subject)] = version
        for asked in self._asked():
            self._ask(asked)
        self.order_fields([name for name in self.fields if name not in LAST_ASKED] + list(LAST_ASKED))

    def _asked(self) -> Sequence[ReportField]:
        """What the report asks; the reason to go on all the same where one of the orders is flagged."""
        overridden = any(OVERRIDE_REASON in subject.report.fields for subject in self.subjects)
        own = (asked for asked in self.report.fields if not (self.is_many and asked.is_alone))
        fields = [asked for asked in own if asked != OVERRIDE_REASON]
        return [*fields, OVERRIDE_REASON] if overridden else fields

    def _ask(self, asked: ReportField) -> None:
        apart = asked.is_identity and self.is_many
        for subject in self.subjects if apart else self.subjects[:1]:
            name = self._name(asked.name, subject) if apart else asked.name
            known = _known(subject, asked)
            self.fields[name] = _field(asked, known, f"{asked.label} of {subject.order.coi}" if apart else asked.label)

    @staticmethod
    def _name(name: str, subject: ReportSubject) -> str:
        return f"{name}-{subject.order.pk}"

    def clean(self) -> dict[str, Any]:
        """The moment as it is meant; whether it must be confirmed."""
        cleaned = super().clean()
        if self.first and not cleaned.get("is_first_asked"):
            self.add_error("is_first_asked", ASKED_FIRST)
        if typed := cleaned.get("occurred_at"):
            is_untouched = self._is_untouched(typed, cleaned.get("shown_at"))
            cleaned["occurred_at"] = moment = cleaned["shown_at"] if is_untouched else typed
            # Who typed another moment has chosen it.
            self.late = self._late_question(moment) if is_untouched else ""
            if self.late and not cleaned.get("is_late_meant"):
                self.add_error("is_late_meant", self.late)
            for subject in self.subjects:
                self._check_moment(subject, settled_moment(subject.report, moment))
            if self.is_early and not cleaned.get("is_early_meant"):
                name = self.report.stage_name or "it"
                text = f"This is before {name} could begin. Check the time, or tick that it is right."
                self.add_error("is_early_meant", text)
            if self.short and not cleaned.get("is_short_meant"):
                self.add_error("is_short_meant", self.short)
        for subject in self.subjects:
            self._check_donation(subject, cleaned)
            self._check_promise(subject, cleaned.get(PROMISE.name))
        if self.soon and not cleaned.get("is_soon_meant"):
            self.add_error("is_soon_meant", self.soon)
        return cleaned

    def _check_promise(self, subject: ReportSubject, promised_at: datetime | None) -> None:
        """A date that the forecast hardly keeps is asked about."""
        if soon := too_soon_question(promised_at, subject.outlook):
            which = f"{subject.order.coi}: " if self.is_many else ""
            said = said_in(soon, timezone.get_current_timezone(), self.now)
            self.soon = self.soon or which + said

    def _check_donation(self, subject: ReportSubject, cleaned: Mapping[str, Any]) -> None:
        """A donation number that the collection centre does not give, or gave to another order, needs a reason, asked
        for beside it."""
        apart = self._name(DONATION.name, subject)
        name, reason = DONATION.name, DONATION_REASON.name
        if apart in self.fields:
            name, reason = apart, self._name(reason, subject)
        typed = plain_number(cleaned.get(name) or "", IdentifierKind.DONATION)
        if not typed:
            return
        order, number = subject.order, donation_number(typed)
        of_centre = (order.collection_site_id, order.collection_site.facilities)
        doubt = "" if cleaned.get(reason) else doubt_of_donation(order.pk, *of_centre, number)
        if doubt:
            self.doubted.add(reason)
            self.fields[reason].required = True
            doubt += " If it is right all the same, say why below."
        if problem := donation_problem(typed) or doubt:
            self.add_error(name, problem)

    def _is_untouched(self, moment: datetime, shown_at: datetime | None) -> bool:
        """Whether the moment is still that at which the form was opened."""
        return bool(shown_at and shown_at <= self.now and shown_at.replace(second=0, microsecond=0) == moment)

    def _first_question(self) -> str:
        """What flags say against it, of each order."""
        asked = [(subject.order.coi, subject.report.asked_first) for subject in self.subjects]
        said = [f"{coi}: {question}" if self.is_many else question for coi, question in asked if question]
        return said_in(" ".join(said), timezone.get_current_timezone(), self.now)

    def _late_question(self, moment: datetime) -> str:
        """Whether it really happened only at `moment`, of the first order for which that is long after its plan."""
        for subject in self.subjects:
            if question := surprisingly_late(subject.report, moment):
                which = f"{subject.order.coi}: " if self.is_many else ""
                return said_in(which + question, timezone.get_current_timezone(), self.now)
        return ""

    def _check_moment(self, subject: ReportSubject, moment: datetime) -> None:
        problem = moment_problem_of(subject.report, moment, self.now)
        if problem and not self.has_error("occurred_at"):
            which = f"{subject.order.coi}: " if self.is_many else ""
            self.add_error("occurred_at", which + problem)
        self.is_early = self.is_early or is_surprisingly_early(subject.report, moment)
        if short := surprisingly_short(subject.report, moment):
            which = f"{subject.order.coi}: " if self.is_many else ""
            self.short = self.short or which + short_question(subject.report, short)

    def said_of(self, order_id: UUID) -> dict[str, Any]:
        """The cleaned fields for this order: its own answers in place of those for all."""
        asked = {field.name for field in self._asked()}
        return {name: self.cleaned_data.get(f"{name}-{order_id}", self.cleaned_data.get(name)) for name in asked}

    def seen_version(self, order_id: UUID) -> int:
        """The version of the order that the person had before them."""
        return self.cleaned_data[f"seen_version-{order_id}"]

    def review(self) -> list[tuple[str, str]]:
        """What was filled in, as labels and values, to be looked at again."""
        said = [(bound.label, self.cleaned_data.get(bound.name)) for bound in self.visible_fields()]
        return [(label, _in_words(value)) for label, value in said if value]

    def shown_fields(self) -> Iterator[forms.BoundField]:
        """The fields to fill in; the questions about the moment or a doubtful number only where there are any."""
        asked = {"is_late_meant": bool(self.late), "is_early_meant": self.is_early, "is_short_meant": bool(self.short)}
        asked |= {"is_soon_meant": bool(self.soon), "is_first_asked": bool(self.first)}
        for bound in self.visible_fields():
            is_about_number = bound.name.startswith(DONATION_REASON.name)
            if bound.name in self.doubted or bound.value() if is_about_number else asked.get(bound.name, True):
                yield bound


def _in_words(value: Any) -> str:
    if isinstance(value, datetime):
        return moment_words(value, timezone.get_current_timezone())
    return "yes" if value is True else str(value)


def _known(subject: ReportSubject, asked: ReportField) -> str | datetime:
    """What the stage is already known to have, to be confirmed rather than typed again; never what identifies. Of the
    answer to a centre that asks for a later date: that date."""
    if asked == NEW_PROMISE:
        change = change_of(subject.order)
        return timezone.localtime(change.wanted_at) if change and change.wanted_at else ""
    if asked.is_identity or asked.kind != FieldKind.TEXT or not subject.report.stage:
        return ""
    runs = subject.order.stage_runs.all()
    own = [run for run in runs if (run.stage.code, run.attempt) == (subject.report.stage, subject.report.attempt)]
    return str(own[0].details.get(asked.name, "")) if own else ""


def _field(asked: ReportField, initial: str | datetime, label: str) -> forms.Field:
    given = {"label": label, "required": asked.is_required, "help_text": asked.hint}
    if asked.kind == FieldKind.MOMENT:
        return MomentField(initial=initial or None, **given)
    if asked.kind == FieldKind.CHOICE:
        return forms.ChoiceField(choices=asked.choices, widget=forms.RadioSelect, **given)
    plain = {"class": "form-control", "autocomplete": "off", "spellcheck": "false"}
    if asked.kind == FieldKind.NUMBER:
        return MeasuredField(widget=forms.TextInput(plain | {"inputmode": "decimal"}), **given)
    if asked.name in KIND_OF_DETAIL or asked.name in SCANNED:  # it stands on a label as a code
        plain["data-camera-scan"] = "fill"
    if asked.kind == FieldKind.LONG_TEXT:
        area = forms.Textarea(attrs={"rows": 3, "class": "form-control"})
        # A note may be short; a decision says why.
        validators = (
            [says_why] if asked in (REASON, OVERRIDE_REASON, DONATION_REASON) or asked.name == OPEN_REASON else []
        )
        return forms.CharField(max_length=MOST_REPORTED, widget=area, validators=validators, **given)
    return forms.CharField(max_length=MOST_TEXT, initial=initial, widget=forms.TextInput(attrs=plain), **given)
