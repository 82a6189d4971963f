import csv
import io

import pytest
from visiting import CLIPS

from core.analysis import CLASSES, Analysis
from interview.tables import csv_of

VIDEO = CLIPS / "v06_grid_woman_3s.mp4"


@pytest.fixture
def address(visit, work):
    address = visit.upload("video", VIDEO).headers["Location"]
    work()
    return address


def test_the_result_downloads_as_the_analysis(visit, address):
    answer = visit.client.get(f"{address}.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    analysis = Analysis.from_json(answer.data)
    assert (analysis.modality, analysis.source.name) == ("video", VIDEO.name)


def test_the_table_has_a_row_for_every_moment_of_face_and_voice(visit, address):
    rows = list(csv.DictReader(io.StringIO(visit.client.get(f"{address}.csv").text)))
    analysis = Analysis.from_json(visit.client.get(f"{address}.json").data)
    assert len(rows) == len(analysis.timeline) + len(analysis.parts["voice"].timeline)
    assert {row["part"] for row in rows} == {"face", "voice"}
    assert float(rows[0]["happy"]) == analysis.timeline[0].p[CLASSES.index("happy")]
    assert (rows[7]["gap"], rows[7]["happy"]) == ("no face", "")


def test_a_word_is_never_a_formula(visit, work):
    address = visit.write("=HYPERLINK(evil) +plus fine").headers["Location"]
    work()
    analysis = Analysis.from_json(visit.client.get(f"{address}.json").data).to_dict()
    words = [row["name"] for row in csv.DictReader(io.StringIO(csv_of(analysis))) if row["row"] == "word"]
    assert words == ["'=HYPERLINK(evil)", "'+plus", "fine"]


@pytest.mark.parametrize(
    ("asked", "status", "begin", "end"),
    [
        (None, 200, 0, None),
        ("bytes=0-99", 206, 0, 100),
        ("bytes=100-", 206, 100, None),
        ("bytes=-50", 206, -50, None),
        ("bytes=5-5", 206, 5, 6),
        ("bytes=0-9,20-29", 200, 0, None),
        ("lines=1-2", 200, 0, None),
    ],
)
def test_the_recording_is_served_in_ranges(visit, address, asked, status, begin, end):
    whole = visit.client.get(f"{address}/media").data
    answer = visit.client.get(f"{address}/media", headers={"Range": asked} if asked else {})
    assert (answer.status_code, answer.data) == (status, whole[begin:end])
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.mimetype == "video/mp4"
    if status == 206:
        first = begin % len(whole)
        assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.data) - 1}/{len(whole)}"


def test_a_range_beyond_the_end_is_told_so(visit, address):
    answer = visit.client.get(f"{address}/media", headers={"Range": "bytes=999999999-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"].startswith("bytes */")


def test_key_frames_are_pictures(visit, address):
    answer = visit.client.get(f"{address}/pictures/frame-1.jpg")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert visit.client.get(f"{address}/pictures/frame-2.jpg").status_code == 404


def test_an_answer_waits_and_says_how_many_are_before_it(visit, stranger, work):
    stranger.write()
    address = visit.write().headers["Location"]
    shown = visit.client.get(f"{address}/progress").json
    assert (shown["state"], shown["ahead"], shown["sentence"]) == ("waiting", 1, None)
    assert visit.client.get(address).status_code == 200
    work()
    assert visit.client.get(f"{address}/progress").json["share"] == 1.0


def test_answers_are_listed_for_their_owner_only(visit, stranger, address):
    stranger.write()
    assert address in visit.client.get("/answers").text
    assert address not in stranger.client.get("/answers").text
