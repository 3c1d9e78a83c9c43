"""Loading flow files: versions, defaults, and the command."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from supplychain.flows.actions import SHIPPED_FLOWS, FlowOutcome, FlowRefused, load_flow
from supplychain.flows.models import Flow, Product, Stage
from supplychain.people.models import User
from tests.supplychain.flows.test_flow_files import JOURNEY, SMALL

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)


def load(text: str = SMALL, *, by: User | None = None, hours: float = 0):
    return load_flow(text, by=by, now=T0 + timedelta(hours=hours))


def outcomes(text: str = SMALL, **words) -> list[tuple]:
    return [(each.product.code, each.flow.version, each.outcome, each.changed) for each in load(text, **words)]


def flows() -> list[tuple]:
    fields = ("product__code", "code", "version", "is_current", "is_default")
    return list(Flow.objects.order_by("product__code", "code", "version").values_list(*fields))


def two_products(text: str = SMALL) -> str:
    return text.replace("products:\n", "products:\n  - {code: demo-0, name: Demo 0}\n")


def other_flow(text: str = SMALL) -> str:
    return text.replace("code: small", "code: other")


def test_a_flow_is_loaded_for_each_of_its_products():
    assert outcomes(two_products()) == [
        ("demo-0", 1, FlowOutcome.CREATED, True),
        ("demo-a", 1, FlowOutcome.CREATED, True),
    ]
    assert flows() == [("demo-0", "small", 1, True, False), ("demo-a", "small", 1, True, True)]
    assert list(Product.objects.values_list("code", "name")) == [("demo-0", "Demo 0"), ("demo-a", "Demo A")]
    assert set(Flow.objects.values_list("loaded_at", "restart_stage")) == {(T0, "making")}


def test_stages_are_stored_as_the_file_says():
    flow = load((SHIPPED_FLOWS / "car_t_fresh.yaml").read_text(encoding="utf-8"))[0].flow
    fields = ("code", "kind", "after", "planned_hours", "worst_hours", "longest_wait_hours", "pool")
    stored = [(code, kind, tuple(after), *rest) for code, kind, after, *rest in flow.stages.values_list(*fields)]
    assert stored == JOURNEY
    assert list(flow.stages.values_list("position", flat=True)) == list(range(1, 15))


def test_the_same_content_again_changes_nothing():
    load()
    before = list(Stage.objects.values_list("id", flat=True))
    assert outcomes(f"# a comment is no content\n{SMALL}", hours=1) == [("demo-a", 1, FlowOutcome.UNCHANGED, False)]
    assert list(Stage.objects.values_list("id", flat=True)) == before
    assert Flow.objects.get().loaded_at == T0


def test_other_content_becomes_a_new_version_and_the_old_one_stays_as_it_was():
    old = load()[0].flow
    kept = list(old.stages.values())
    assert outcomes(SMALL.replace("worst: 8", "worst: 9")) == [("demo-a", 2, FlowOutcome.NEW_VERSION, True)]
    assert flows() == [("demo-a", "small", 1, False, False), ("demo-a", "small", 2, True, True)]
    assert list(old.stages.values()) == kept
    assert list(Flow.objects.get(version=2).stages.values_list("worst_hours", flat=True)) == [2, 9, 9, 1]


def test_going_back_to_old_content_is_a_new_version_too():
    load()
    load(SMALL.replace("worst: 8", "worst: 9"))
    assert outcomes() == [("demo-a", 3, FlowOutcome.NEW_VERSION, True)]


def test_a_product_has_one_default_flow_and_the_last_file_that_claims_it_wins():
    load()
    load(other_flow())
    assert flows() == [("demo-a", "other", 1, True, True), ("demo-a", "small", 1, True, False)]
    assert outcomes() == [("demo-a", 1, FlowOutcome.UNCHANGED, True)]
    assert flows() == [("demo-a", "other", 1, True, False), ("demo-a", "small", 1, True, True)]


def test_a_file_that_claims_no_default_takes_none_away_from_another_flow():
    load()
    load(other_flow().replace("default: true", "default: false"))
    assert flows() == [("demo-a", "other", 1, True, False), ("demo-a", "small", 1, True, True)]


def test_a_product_takes_the_name_of_the_last_file():
    load()
    assert outcomes(SMALL.replace("Demo A", "Demo Alpha")) == [("demo-a", 1, FlowOutcome.UNCHANGED, True)]
    assert Product.objects.get().name == "Demo Alpha"


def test_a_refused_file_changes_nothing_and_names_every_problem():
    with pytest.raises(FlowRefused) as refusal:
        load(
            SMALL.replace("worst: 8, pool: bay}\n  - {code: c", "worst: 1}\n  - {code: c").replace(
                "[culture]", "[nothing]"
            )
        )
    assert [problem.line for problem in refusal.value.problems] == [8, 10]
    assert (Product.objects.count(), Flow.objects.count()) == (0, 0)


def test_the_product_history_says_who_loaded_the_file():
    person = User.objects.create(username="olga")
    load(by=person)
    history = Product.pgh_event_models["insert"].objects.get()
    assert history.pgh_context.metadata == {"action": "load_flow", "user": str(person.pk)}


def run(*paths: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("load_flow", *map(str, paths), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_loads_the_shipped_flows_and_shows_a_table():
    out, err = run(*sorted(SHIPPED_FLOWS.glob("*.yaml")))
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines() if "│" in line]
    assert cells == [
        ["cd19-a", "CD19 CAR-T A", "1", "yes", "14", "Created"],
        ["bcma-c", "BCMA CAR-T C", "1", "yes", "14", "Created"],
        ["cd19-b", "CD19 CAR-T B", "1", "yes", "14", "Created"],
        ["cd19-a", "CD19 CAR-T A", "1", "no", "14", "Created"],
    ]
    assert err == ""


def test_the_command_says_that_nothing_changed(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    run(path)
    assert run(path)[0].splitlines()[-1] == f"{path}: the same content is loaded already; nothing changed."


def test_the_command_says_what_a_product_lacks(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.replace("default: true", "default: false"))
    said = run(path)[0].splitlines()[-1]
    assert said == "An order of demo-a must name its flow: no flow has default: true for it."


def test_the_command_lists_the_problems_and_still_loads_the_other_files(tmp_path):
    good, bad, gone = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "gone.yaml"
    good.write_text(SMALL)
    bad.write_text(
        SMALL.replace("worst: 8, pool: bay}\n  - {code: c", "worst: 1}\n  - {code: c").replace("[culture]", "[nothing]")
    )
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match="Nothing was loaded from the files with problems"):
        call_command("load_flow", str(bad), str(gone), str(good), stdout=out, stderr=err)
    assert err.getvalue().splitlines() == [
        f"{bad}: 2 problems",
        "  line 8, stages[1].worst: the worst case (1 h) is shorter than planned (4 h)",
        "  line 10, stages[3].after[0]: no stage has the code “nothing”",
        f"{gone}: cannot be read: [Errno 2] No such file or directory: '{gone}'",
    ]
    assert flows() == [("demo-a", "small", 1, True, True)]
