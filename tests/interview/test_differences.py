"""Take beside take: what changed, and whether it is more than two takes differ anyway."""

import pytest
from visiting import CLIPS, QUESTION

from interview import differences

VIDEO = CLIPS / "v06_grid_woman_3s.mp4"


def analysis(label="happy", counts=(2, 40), seconds=60.0, words=None):
    timeline = [{"t": t / 5, "label": label, "gap": None} for t in range(100)]
    facts = {
        "blinks": {"value": counts[0], "unit": "count"},
        "pitch_median": {"value": 120.0 + counts[0], "unit": "Hz"},
        "hedges": {"value": counts[1], "unit": "count"},
    }
    shares = {name: float(name == label) for name in (*differences.CLASSES, "unclear")}
    return {"modality": "video", "source": {"seconds": seconds, "words": words}, "timeline": timeline, "facts": facts, "shares": shares, "parts": {}}


def test_two_equal_counts_are_no_surprise_and_very_different_ones_are():
    assert differences.chance_of(10, 10, 1, 1) == 1.0
    assert differences.chance_of(0, 10, 1, 1) == pytest.approx(2 * 0.5**10)
    assert differences.chance_of(10, 20, 1, 2) == 1.0
    assert differences.chance_of(0, 0, 1, 1) == 1.0
    assert differences.chance_of(900, 901, 1, 1) > 0.9


def test_events_are_compared_by_their_rate_and_beside_counting_noise():
    rows = {row.name: row for row in differences.facts_of(analysis(counts=(2, 1)), analysis(counts=(60, 2), seconds=120.0))}
    assert (rows["blinks"].first, rows["blinks"].second, rows["blinks"].per, rows["blinks"].noise) == (2.0, 30.0, "minute", "more")
    assert differences.facts_of(analysis(counts=(5, 1)), analysis(counts=(8, 1)))[0].noise == "within"


def test_where_the_noise_is_not_known_the_row_says_so():
    rows = {row.name: row for row in differences.facts_of(analysis(), analysis())}
    assert (rows["pitch_median"].noise, rows["pitch_median"].difference) == ("unknown", 0.0)
    assert rows["hedges"].noise == "unknown"  # without words nothing says in how many they were counted


def test_a_fact_that_one_take_has_not_is_left_out_or_empty():
    other = analysis()
    del other["facts"]["blinks"]
    other["facts"]["pitch_median"]["value"] = None
    rows = {row.name: row for row in differences.facts_of(analysis(), other)}
    assert "blinks" not in rows
    assert rows["pitch_median"].difference is None


def test_shares_have_an_interval_from_the_moments_of_both_takes():
    mixed = analysis()
    for i, moment in enumerate(mixed["timeline"]):
        moment["label"] = "happy" if i // 10 % 2 else "sad"
    mixed["shares"] |= {"happy": 0.5, "sad": 0.5}
    rows = {row.name: row for row in differences.shares_of(mixed, mixed)}
    assert rows["happy"].low < 0 < rows["happy"].high
    assert rows["happy"].noise == "within"
    changed = {row.name: row for row in differences.shares_of(analysis("sad"), analysis("happy"))}
    assert (changed["happy"].noise, changed["sad"].noise, changed["fear"].noise) == ("more", "more", "within")
    assert differences.shares_of(mixed, mixed) == differences.shares_of(mixed, mixed)


def test_two_takes_of_one_question_are_shown_beside_each_other(visit, stranger, work):
    addresses = [visit.upload("video", VIDEO, question=QUESTION).headers["Location"] for _ in range(2)]
    text, foreign = visit.write().headers["Location"], stranger.upload("video", VIDEO).headers["Location"]
    work()
    first, second, other, theirs = (address.rsplit("/", 1)[1] for address in (*addresses, text, foreign))
    assert f"/answers/{first}/beside/{second}" in visit.client.get(addresses[1]).text
    page = visit.client.get(f"/answers/{first}/beside/{second}")
    assert page.status_code == 200
    assert "within what chance in counting brings" in page.text
    for pair in ((first, first), (first, other), (first, theirs), (theirs, first)):
        assert visit.client.get("/answers/{}/beside/{}".format(*pair)).status_code == 404
    assert stranger.client.get(f"/answers/{first}/beside/{second}").status_code == 404
