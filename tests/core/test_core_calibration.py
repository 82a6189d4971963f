import numpy as np
import pytest

from core.calibration import expected_calibration_error, fit_shift, fit_temperature, negative_log_likelihood, reliability, softmax

N = 40_000


def drawn(probabilities: np.ndarray, seed: int = 0) -> np.ndarray:
    """Labels that occur exactly as often as the probabilities say, but for chance."""
    thresholds = np.random.default_rng(seed).random((len(probabilities), 1))
    return (probabilities.cumsum(axis=1) < thresholds).sum(axis=1).clip(max=probabilities.shape[1] - 1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_known_temperature_is_recovered(temperature: float) -> None:
    true = np.random.default_rng(1).normal(0, 1.5, (N, 7))
    labels = drawn(softmax(true))
    assert fit_temperature(true * temperature, labels) == pytest.approx(temperature, rel=0.05)


def test_calibrated_probabilities_have_almost_no_calibration_error() -> None:
    logits = np.random.default_rng(2).normal(0, 1.5, (N, 7))
    labels = drawn(softmax(logits))
    assert expected_calibration_error(softmax(logits), labels) < 0.01
    assert expected_calibration_error(softmax(logits, 0.4), labels) > 0.1


def test_certainty_that_is_always_wrong_has_a_calibration_error_of_one() -> None:
    assert expected_calibration_error(np.eye(3)[[0, 0, 0]], np.array([1, 2, 1])) == pytest.approx(1)


def test_the_rows_of_a_reliability_diagram_hold_every_sample_once() -> None:
    p = softmax(np.random.default_rng(3).normal(0, 2, (500, 7)))
    rows = reliability(p, p.argmax(axis=1))
    assert sum(row["n"] for row in rows) == 500
    assert all(row["low"] <= row["confidence"] <= row["high"] and row["accuracy"] == 1 for row in rows)


def test_softmax_stands_large_logits_and_sums_to_one() -> None:
    p = softmax(np.array([[1000.0, 999.0, -1000.0], [0.0, 0.0, 0.0]]))
    assert np.allclose(p.sum(axis=1), 1)
    assert p[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))
    assert negative_log_likelihood(p[1:], np.array([2])) == pytest.approx(np.log(3))


def test_the_shift_undoes_what_is_said_too_often():
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, 4000)
    fair = np.eye(4)[labels] * 1.5 + random.normal(size=(4000, 4))
    lean = np.array([0.8, -0.6, 0.0, -0.2])
    shift = fit_shift(fair + lean, labels, penalty=1e-6)
    np.testing.assert_allclose(shift - shift.mean(), lean.mean() - lean, atol=0.06)
    assert np.abs(fit_shift(fair + lean, labels, penalty=10.0)).max() < 0.05
