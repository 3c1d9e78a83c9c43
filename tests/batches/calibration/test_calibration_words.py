"""What the page says of its figures, and how it draws them."""

from batches.calibration.rules.charts import charts
from batches.calibration.rules.figures import (
    EVERYTHING,
    FigureRow,
    Inquiry,
    ScoredRow,
    figures,
    figures_by_promise,
)
from batches.calibration.rules.questions import Question, Scored
from batches.calibration.rules.words import promise_words, words, worst_words
from tests.supplychain.builders import T0, at

LATE = Inquiry(Question.LATE, EVERYTHING, at(500))


def rows(*answers: tuple[float, bool, bool]) -> list[ScoredRow]:
    """Of each: what was said, whether it came late, and whether the medians said so; a week after the one before."""
    return [
        ScoredRow(
            "product",
            Scored(
                number, number, "line", "mc-1", at(0), at(190), at(200 + 7 * 24 * number), said, 0.1, 0.1, at(150),
                at(210), 0.0, 0.0, at(195 if median else 180), late, False, False, at(200 if late else 180),
            ),
        )
        for number, (said, late, median) in enumerate(answers)
    ]  # fmt: skip


def test_the_words_say_what_was_said_what_came_and_who_was_better():
    given = rows(*[(0.75, True, False)] * 15, *[(0.75, False, False)] * 5, *[(0.05, False, True)] * 20)
    found = figures(given, LATE)
    assert words(found, Question.LATE) == [
        "Of the 20 doses that we gave 75 % to be late, 75 % came late (15 of 20); of the 20 that we gave 5 %, 0 % did.",
        "Better than the plain medians of the past by 89 % (95 % sure: 81 to 97 %) "
        "(Brier score 0.095 against 0.875; 0 is perfect).",
        "Saying 38 % of every dose would have been worse: a gain of 59 % (95 % sure: 33 to 86 %).",
        "The 80 % interval held for 100 of 100 doses (95 % sure: 91–100); it was 2.5 days wide on average.",
    ]


def test_a_worse_model_is_called_worse():
    found = figures(rows(*[(0.9, False, False)] * 30, *[(0.1, True, False)] * 10), LATE)
    assert words(found, Question.LATE)[1].startswith("Worse than the plain medians of the past by 224 % (95 % sure: ")


def test_the_diagram_leads_to_the_predictions_of_each_bin():
    given = rows(*[(0.75, True, False)] * 15, *[(0.25, False, False)] * 15)
    found = figures(given, LATE)
    diagram, brier, held = charts(given, found, Question.LATE, lambda one: f"/{one.said_low}", T0.tzinfo)
    assert [cell.value for cell in diagram.cells[1]][:3] == ["75 %", 75, 100]
    assert diagram.cells[1][-1] == (15, "/0.75")
    assert diagram.header == ["From–to", "We said", "Came true", "95 % from", "95 % to", "Orders"]
    assert (brier.is_empty, held.is_empty) == (True, True)


def test_trends_begin_with_fifty_orders():
    given = rows(*[(0.5, True, False)] * 30, *[(1.0, True, False)] * 30)
    _, brier, held = charts(given, figures(given, LATE), Question.LATE, str, T0.tzinfo)
    assert (brier.series[0].values[0], brier.series[0].values[-1]) == (0.15, 0.1)
    assert set(brier.series[1].values) == {1}
    assert (set(held.series[0].values), set(held.series[1].values)) == ({100}, {80})


def test_the_slice_in_which_we_erred_most_is_named():
    fair = FigureRow("Leiden", figures(rows(*[(0.5, one % 2 == 0, False) for one in range(30)]), LATE))
    wrong = FigureRow("Porto", figures(rows(*[(0.1, True, False)] * 30), LATE))
    few = FigureRow("Of few orders", figures(rows(*[(0.0, True, False)] * 29), LATE))
    said = "Where we erred most: Porto. On average we said 10 % to be late, and 100 % came late (30 orders)."
    assert worst_words([fair, wrong, few], Question.LATE) == said
    assert worst_words([few], Question.LATE) == ""


def test_a_promise_that_moved_is_kept_more_easily_than_the_first():
    """Four orders ready at 200: two promised for 190, of which one is moved to 230; two promised for 210."""
    (given,) = rows((0.5, True, False))
    promises = [(190, 190), (190, 230), (210, 210), (210, 210)]
    said = [
        ScoredRow("product", given.said._replace(
            order_id=order, made_at=at(made), promised_at=at(promise), newest_promise=at(newest),
            was_late=promise < 200, known_ready_at=at(200),
        ))
        for order, (first, newest) in enumerate(promises)
        for made, promise in ((0, first), (5, first), (10, newest))
    ]  # fmt: skip
    found = figures_by_promise(said, LATE)
    assert [(row.name, row.figures.scores.orders, row.figures.scores.base_rate) for row in found] == [
        ("The first promise", 4, 0.5), ("The newest promise", 4, 0.25),
    ]  # fmt: skip
    assert promise_words(found, Question.LATE) == (
        "Against the first promise 50 % of 4 orders came late; against the newest 25 % of 4 orders."
    )
    assert promise_words(found[:1], Question.LATE) == ""
