import json
from pathlib import Path

import numpy as np
import pytest

from core.metrics import bootstrap, confusion, figure, macro_f1, recalls, table, unweighted_average_recall, wilson, write_metrics


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_score_interval_is_the_published_one(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_the_score_interval_stays_inside_zero_and_one() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert 0.999 < wilson(10, 10)[1] <= 1.0


def test_recall_is_averaged_over_classes_and_not_over_rows() -> None:
    counts = confusion(np.array([0] * 90 + [1] * 10), np.zeros(100, int), 2)
    assert counts.tolist() == [[90, 0], [10, 0]]
    assert unweighted_average_recall(counts) == 0.5
    assert macro_f1(counts) == pytest.approx((2 * 90 / 190) / 2)


def test_a_class_without_rows_has_no_recall() -> None:
    values = recalls(confusion(np.array([0, 0]), np.array([0, 1]), 3))
    assert values[0] == 0.5
    assert np.isnan(values[1:]).all()


def test_the_bootstrap_agrees_with_theory() -> None:
    rows = np.random.default_rng(0).normal(5, 2, 400)
    low, high = bootstrap(lambda i: float(rows[i].mean()), len(rows))
    error = rows.std() / 20
    assert (low, high) == pytest.approx((rows.mean() - 1.96 * error, rows.mean() + 1.96 * error), abs=0.15 * error)
    assert bootstrap(lambda i: float(rows[i].mean()), len(rows)) == (low, high)


def test_rows_of_one_speaker_are_drawn_together() -> None:
    speakers = np.repeat(np.arange(8), 50)
    rows = speakers.astype(float)  # a speaker's rows are all the same, so there are 8 observations and not 400
    alone = bootstrap(lambda i: float(rows[i].mean()), len(rows))
    together = bootstrap(lambda i: float(rows[i].mean()), len(rows), speakers.tolist())
    assert together[1] - together[0] > 4 * (alone[1] - alone[0])


def test_metrics_are_written_with_their_command(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    rows = table("Recall", ["class", "recall", "n"], [["sad", np.float32(1 / 3), np.int64(7)]])
    write_metrics(path, "python -m audio evaluate", {"accuracy": figure("Accuracy", 2 / 3, 300, 0.61, 0.72, "Wilson", "held out")}, {"recall": rows})
    document = json.loads(path.read_text())
    assert document["command"] == "python -m audio evaluate"
    assert document["figures"]["accuracy"]["value"] == 0.6667
    assert document["tables"]["recall"]["rows"] == [["sad", 0.3333, 7]]
