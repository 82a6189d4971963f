import json

import pytest
import vl_convert
from visiting import CLIPS, stand_in

from core.analysis import CLASSES, TRAITS, UNCLEAR, Analysis, Moment, Source, Trait, Word
from interview import charts
from interview.colours import EMOTIONS, INK_ON
from interview.timelines import POINTS, hatch, runs, segments

WIDTHS = (280, 900)  # pixels


@pytest.fixture
def video():
    p = [0.05, 0.05, 0.05, 0.6, 0.1, 0.05, 0.1]
    dull = [0.15, 0.14, 0.14, 0.15, 0.14, 0.14, 0.14]
    moments = [Moment(t / 25, p, p, "happy") for t in range(500)]
    moments += [Moment(t / 25, gap="no face") for t in range(500, 600)]
    moments += [Moment(t / 25, dull, dull, UNCLEAR) for t in range(600, 1000)]
    shares = {**dict.fromkeys(CLASSES, 0.0), "happy": 0.55, UNCLEAR: 0.45}
    analysis = stand_in(CLIPS / "v06_grid_woman_3s.mp4", "audio")
    analysis.modality, analysis.source.seconds, analysis.timeline, analysis.shares = "video", 40.0, moments, shares
    analysis.parts = {"voice": Analysis("audio", Source("a", "0", seconds=40.0), timeline=moments[:700], shares=shares)}
    return analysis.to_dict()


@pytest.fixture
def letter():
    traits = {name: Trait(0.3 + i / 10, 0.2 + i / 10, 0.4 + i / 10, "weak") for i, name in enumerate(TRAITS)}
    words = [Word(f"word{i}", 20 - i, f"Word{i}") for i in range(20)]
    return Analysis("text", Source("t", "0", words=300), traits=traits, words=words).to_dict()


def drawn(app, analysis, comparison=None, language="en"):
    with app.test_request_context(f"/?language={language}"):
        return charts.draw(analysis, comparison or {})


def values(document):
    return [row for rows in document["datasets"].values() for row in rows]


def test_each_kind_has_its_charts_and_they_are_the_announced_ones(app, video, letter):
    assert set(drawn(app, video)) == {"emotions", "shares", "blinks", "voice_emotions", "voice_shares"} == set(charts.names(video))
    assert set(drawn(app, letter)) == {"traits", "words"} == set(charts.names(letter))


@pytest.mark.parametrize("width", WIDTHS)
def test_every_chart_compiles_and_renders_wide_and_narrow(app, video, letter, width):
    others = {"shares": dict.fromkeys((*CLASSES, UNCLEAR), 0.125), "traits": dict.fromkeys(TRAITS, 0.5), "words": [{"word": "Word3", "share": 2.0}]}
    for analysis in (video, letter):
        for document in drawn(app, analysis, others).values():
            assert document["width"] == "container"
            assert "config" not in document
            picture = vl_convert.vegalite_to_png({**document, "width": width})
            assert picture.startswith(b"\x89PNG")


def test_time_charts_share_the_playhead_and_the_seconds_of_the_media(app, video):
    found = drawn(app, video)
    for name in ("emotions", "voice_emotions", "blinks"):
        assert {"name": "playhead", "value": 0} in found[name]["params"]
        assert '"domain": [0, 40.0]' in json.dumps(found[name])


def test_face_and_voice_have_one_time_axis_where_the_sound_is_longer(app, video):
    video["parts"]["voice"]["source"]["seconds"] = 41.5
    found = drawn(app, video)
    for name in ("emotions", "voice_emotions", "blinks"):
        assert '"domain": [0, 41.5]' in json.dumps(found[name])


def test_what_is_not_in_the_analysis_is_not_drawn(app, video):
    video["parts"], video["facts"], video["timeline"] = {}, {}, []
    assert charts.names(video) == ["shares"]


def test_a_long_timeline_is_thinned_and_keeps_its_mean(video):
    found = list(segments(video["timeline"], CLASSES))
    assert sum(len(segment) for segment in found) <= POINTS
    assert len(found) == 2
    assert found[0][0]["happy"] == pytest.approx(0.6)
    assert found[0][-1]["end"] == pytest.approx(20.0, abs=0.01)


def test_runs_follow_each_other_without_holes(video):
    found = runs(video["timeline"])
    assert [(run.name, run.is_gap) for run in found] == [("happy", False), ("no face", True), (UNCLEAR, False)]
    assert [run.end for run in found[:-1]] == [run.begin for run in found[1:]]


def test_hatching_stays_inside_its_rectangle():
    lines = list(hatch(3.0, 5.0, 0.2, 0.9, width=40.0, slope=0.7))
    assert len(lines) > 3
    for line in lines:
        assert 3.0 <= line["x"] < line["x2"] <= 5.0
        assert 0.199 <= line["y2"] < line["y"] <= 0.901


def test_the_other_peoples_mean_is_a_mark_only_when_there_is_one(app, video):
    without = drawn(app, video)["shares"]
    with_others = drawn(app, video, {"shares": dict.fromkeys((*CLASSES, UNCLEAR), 0.321)})["shares"]
    assert "0.321" not in json.dumps(without)
    assert "0.321" in json.dumps(with_others)


def test_unclear_and_gaps_are_hatched_and_never_coloured(app, video):
    coloured = [row for row in values(drawn(app, video)["emotions"]) if "emotion" in row]
    assert {row["emotion"] for row in coloured} <= set(EMOTIONS)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return sum(w * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for w, c in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


@pytest.mark.parametrize("name", CLASSES)
def test_a_word_on_its_colour_can_be_read(name):
    light, dark = sorted((luminance(EMOTIONS[name]), luminance(INK_ON[name])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_page_serves_the_charts_of_a_finished_answer_only(visit, work):
    address = visit.upload("video", CLIPS / "v06_grid_woman_3s.mp4").headers["Location"]
    assert visit.client.get(f"{address}/charts").status_code == 404
    work()
    assert set(visit.client.get(f"{address}/charts").json) == {"emotions", "shares", "blinks", "voice_emotions", "voice_shares"}
