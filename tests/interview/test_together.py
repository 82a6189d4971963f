"""What face and voice say together, on analyses whose answer is known."""

import json

import pytest

from core.analysis import CLASSES, UNCLEAR, Analysis, Moment, Source
from interview import charts, together


def p_of(name: str, sure: float = 0.88) -> list[float]:
    return [sure if c == name else (1 - sure) / 6 for c in CLASSES]


def track(modality: str, step: float, *stretches: tuple[str, float]) -> Analysis:
    """An analysis whose label stays for so many seconds each; a name that is no class is a gap."""
    timeline: list[Moment] = []
    for name, seconds in stretches:
        for _ in range(round(seconds / step)):
            t = round(len(timeline) * step, 3)
            timeline.append(Moment(t, p_of(name), p_of(name), name) if name in CLASSES else Moment(t, gap=name))
    return Analysis(modality, Source("clip.webm", "a" * 64, seconds=len(timeline) * step), timeline=timeline)


def both(face: Analysis, voice: Analysis) -> Analysis:
    face.parts["voice"] = voice
    face.together = together.together(face)
    return face


def test_channels_that_agree_keep_their_label_and_are_not_surer_than_each_alone():
    found = both(track("video", 0.04, ("happy", 6)), track("audio", 0.5, ("happy", 6))).together
    assert found is not None
    assert (found.agreement, found.most_frequent, found.channels) == (1.0, "happy", ["face", "voice"])
    assert all(m.p is not None and max(m.p) <= 0.881 for m in found.timeline)
    assert not found.highlights


def test_a_disagreement_is_found_where_it_is_and_named():
    found = both(track("video", 0.04, ("happy", 4), ("neutral", 4)), track("audio", 0.5, ("happy", 4), ("angry", 4))).together
    assert found is not None
    assert found.agreement == pytest.approx(0.5, abs=0.1)
    (apart,) = [h for h in found.highlights if h.kind == "disagreement"]
    assert apart.labels == {"face": "neutral", "voice": "angry"}
    assert apart.t == pytest.approx(4.0, abs=0.5)


def test_one_channel_alone_is_followed_and_both_missing_are_a_gap():
    face = track("video", 0.04, ("sad", 2), ("no face", 4))
    found = both(face, track("audio", 0.5, ("silence", 4), ("surprise", 2))).together
    assert found is not None
    labels = {m.t: (m.label, m.gap) for m in found.timeline}
    assert labels[0.5] == ("sad", None)
    assert labels[3.0] == (None, "no face")
    assert labels[5.0] == ("surprise", None)
    assert found.agreement is None


def test_the_longest_pause_and_the_largest_change_are_pointed_at():
    face = track("video", 0.04, ("neutral", 4), ("happy", 6))
    voice = track("audio", 0.5, ("neutral", 2), ("silence", 1), ("neutral", 1), ("silence", 2), ("happy", 4))
    found = both(face, voice).together
    assert found is not None
    kinds = {h.kind: h for h in found.highlights}
    assert (kinds["pause"].t, kinds["pause"].end) == (4.0, 6.0)
    assert kinds["change"].labels == {"before": "neutral", "after": "happy"}
    assert kinds["change"].t < 4.5 < kinds["change"].end


def test_a_voice_alone_or_a_face_alone_is_not_put_together():
    assert together.together(track("audio", 0.5, ("sad", 3))) is None
    assert together.together(track("video", 0.04, ("sad", 3))) is None


def test_without_weights_nothing_is_put_together(tmp_path, monkeypatch):
    monkeypatch.setattr(together, "FOLDER", tmp_path / "ensemble")
    assert both(track("video", 0.04, ("sad", 3)), track("audio", 0.5, ("sad", 3))).together is None


@pytest.mark.parametrize(
    ("labels", "same"),
    [
        (("sad", "sad"), True),
        (("sad", "happy"), False),
        (("sad", None), None),
        (("sad", UNCLEAR), None),
        ((UNCLEAR, UNCLEAR), None),
        (("sad", "sad", "happy"), False),
    ],
)
def test_only_channels_with_a_label_can_agree(labels, same):
    assert together.agreement(labels) is same


def test_the_bands_show_each_channel_the_pool_and_where_they_agree(app):
    analysis = both(track("video", 0.04, ("happy", 4), ("no face", 4)), track("audio", 0.5, ("happy", 8))).to_dict()
    with app.test_request_context("/"):
        document = charts.draw(analysis, {})["together"]
    rows = document["datasets"]
    assert {row["emotion"] for row in rows["ribbon"]} == {"happy"}
    assert max(row["x2"] for row in rows["agreed"]) == pytest.approx(4.0, abs=0.3)
    assert rows["lines"]  # the gap of the face is hatched
    assert '"domain": [0, 8.0]' in json.dumps(document)


def test_the_bands_of_a_voice_and_its_words_are_drawn_too(app, monkeypatch):
    monkeypatch.setattr(together, "read_manifest", lambda folder: {"weights": {"voice": 0.5, "words": 0.5}, "thresholds": {"unclear": 0.4}})
    voice, words = track("audio", 0.5, ("happy", 4)), track("text", 0.5, ("happy", 2), ("silence", 2))
    voice.parts["words"] = words
    voice.together = together.together(voice)
    with app.test_request_context("/"):
        document = charts.draw(voice.to_dict(), {})["together"]
    assert {row["y"] for row in document["datasets"]["ribbon"]} == {0.12, 1.12, 2.12}
