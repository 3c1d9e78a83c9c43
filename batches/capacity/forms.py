"""The forms of pools: capacity counts from a moment written in the site's own zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from batches.capacity.models import Pool, PoolCapacity, Suite
from batches.capacity.queries import need_of, places_before
from batches.capacity.rules import fewer_places_question
from supplychain.administration.forms import MasterDataForm
from supplychain.flows.models import Stage
from supplychain.moments import ClocksChange, UnreadableMoment, read_moment
from supplychain.sites.models import Site

MOST_PLACES = 1_000
WRITTEN = "%Y-%m-%dT%H:%M"


def moment_in(zone: str, text: str) -> datetime:
    """The moment of a local time. Raises ValidationError for one that the clocks skip or show twice."""
    try:
        return read_moment(text, ZoneInfo(zone))
    except ClocksChange as problem:
        raise forms.ValidationError(f"The clocks change at this time in {zone}; choose one an hour away.") from problem
    except UnreadableMoment as problem:
        raise forms.ValidationError(str(problem)) from problem


class PlacesField(forms.IntegerField):
    """How many orders a pool serves at once."""

    def __init__(self) -> None:
        text = "How many orders it serves at once; 0 closes it."
        super().__init__(min_value=0, max_value=MOST_PLACES, help_text=text)


class StartField(forms.CharField):
    """From when on, in the zone of the pool's site."""

    def __init__(self) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WRITTEN)
        super().__init__(label="From", widget=widget, help_text="In the zone of the site.")


class PlacesForm(MasterDataForm):
    """Whatever gives a pool places: where that leaves orders without one it asks first."""

    is_meant = forms.BooleanField(required=False, label="Yes, this is meant", widget=forms.HiddenInput)

    def ask(self, pool: Pool, before: int | None, starts_at: datetime) -> None:
        """Have the person confirm fewer places than `before` that orders need."""
        places = self.cleaned_data.get("places")
        if places is None or self.cleaned_data.get("is_meant"):
            return
        said = {"starts_at": starts_at, "now": timezone.now()}
        if question := fewer_places_question(places, before, need_of(pool), **said):
            self.fields["is_meant"].widget = forms.CheckboxInput()
            self.add_error("is_meant", f"{question} If that is meant, tick this and save again.")


class NewPoolForm(PlacesForm):
    """A pool with its first capacity."""

    code = forms.ChoiceField(help_text="As the stages of the loaded flows name it.")
    places = PlacesField()
    starts_at = StartField()

    class Meta:
        model = Pool
        fields = ("site", "code", "name")
        field_classes = {"site": forms.ModelChoiceField}

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        known = sorted(set(Stage.objects.exclude(pool="").values_list("pool", flat=True)))
        self.fields["code"].choices = [("", "–"), *((code, code) for code in known)]
        self.fields["starts_at"].initial = timezone.now().strftime(WRITTEN)

    def clean(self) -> dict[str, Any]:
        """The moment in the site's zone."""
        cleaned = super().clean()
        site: Site | None = cleaned.get("site")
        if site and cleaned.get("starts_at"):
            _read_start(self, site.time_zone)
        if site and cleaned.get("code") and cleaned.get("starts_at"):
            self.ask(Pool(site=site, code=cleaned["code"]), None, cleaned["starts_at"])
        return cleaned


class PoolForm(MasterDataForm):
    """What may change about a pool besides its capacity: its name."""

    class Meta:
        model = Pool
        fields = ("name",)


class NewCapacityForm(PlacesForm):
    """Another capacity from a moment on."""

    starts_at = StartField()
    places = PlacesField()

    class Meta:
        model = PoolCapacity
        fields = ("pool",)

    def clean(self) -> dict[str, Any]:
        """The moment in the zone of the pool's site; not one at which another capacity begins already."""
        cleaned = super().clean()
        pool: Pool | None = cleaned.get("pool")
        if pool is None or not cleaned.get("starts_at"):
            return cleaned
        _read_start(self, pool.site.time_zone)
        step = PoolCapacity.objects.filter(pool=pool, starts_at=cleaned.get("starts_at")).first()
        if step is not None and "starts_at" in cleaned:
            text = f"{step.places} places begin at this moment already; change that capacity or choose another time."
            self.add_error("starts_at", text)
        if starts_at := cleaned.get("starts_at"):
            self.ask(pool, places_before(pool, starts_at), starts_at)
        return cleaned


class CapacityForm(PlacesForm):
    """Other places at the same moment: a correction."""

    places = PlacesField()

    class Meta:
        model = PoolCapacity
        fields = ("places",)

    def clean(self) -> dict[str, Any]:
        """Fewer than were set, where orders need them, are confirmed."""
        cleaned = super().clean()
        self.ask(self.instance.pool, self.initial.get("places"), self.instance.starts_at)
        return cleaned


class SuiteForm(MasterDataForm):
    """A named place of a pool."""

    class Meta:
        model = Suite
        fields = ("pool", "code")


def _read_start(form: MasterDataForm, zone: str) -> None:
    try:
        form.cleaned_data["starts_at"] = moment_in(zone, form.cleaned_data["starts_at"])
    except forms.ValidationError as error:
        form.add_error("starts_at", error)
