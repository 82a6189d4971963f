"""A candidate's way: questions in a sequence, takes and tries, going on another day, sharing and leaving."""

import re

import pytest
from desking import AUDIO, VIDEO, Road, flashes
from visiting import CLIPS

from interview.database import Answer, Recording, db
from interview.desk_database import Interview, Invitation
from interview.sets import SETS
from interview.sitting_database import Comment, Look, Share, Sitting, Take


def test_an_interview_goes_on_where_it_was_left(invited, work):
    page = invited.client.get(invited.sitting).text
    assert "0 of 3 answered" in page and "Answer question 1" in page
    assert invited.answer(1).headers["Location"] == f"{invited.sitting}#question-1"
    work()
    page = invited.client.get(invited.sitting).text
    assert "1 of 3 answered" in page and "Answer question 2" in page
    assert "being analysed" not in page and "ready" in page
    assert invited.sitting in invited.client.get("/sittings").text


def test_each_question_takes_the_kind_that_it_wants(invited):
    assert invited.answer(1, "audio").status_code == 422
    assert invited.answer(2, "text").status_code == 422
    assert invited.answer(2, "audio").status_code == 303
    assert invited.answer(3, "video", path=VIDEO).status_code == 303
    for kind in ("text", "audio", "video"):
        assert f"?kind={kind}" in invited.client.get(f"{invited.sitting}/questions/3").text
    assert "All questions are" not in invited.client.get(invited.sitting).text
    assert invited.client.get(f"{invited.sitting}/questions/4").status_code == 404


def test_the_page_of_a_question_has_its_own_times(invited):
    page = invited.client.get(f"{invited.sitting}/questions/2").text
    assert 'data-answer-seconds="60" data-thinking-seconds="5"' in page
    assert 'data-tries="2"' in page


def test_a_recording_in_pieces_is_a_take_and_leads_back_to_the_interview(app, invited):
    made = invited.record(2)
    assert made.status_code == 201
    address = made.headers["Location"]
    invited.visit.send(address, 0, AUDIO.read_bytes())
    assert invited.visit.finish(address).json["address"] == f"{invited.sitting}#question-2"
    with app.app_context():
        take = db.session.query(Take).one()
        assert (take.answer.question, take.answer.kind, take.step.number) == ("Why this firm?", "audio", 2)


def test_tries_are_counted_also_those_that_were_thrown_away(app, invited):
    first = invited.record(2).headers["Location"]
    invited.visit.client.delete(first, headers={"Tus-Resumable": "1.0.0"})
    assert "1 try left" in invited.client.get(invited.sitting).text
    assert invited.answer(2, "audio").status_code == 303
    refused = invited.record(2)
    assert (refused.status_code, "all your tries" in refused.json["error"]) == (422, True)
    assert invited.answer(2, "audio").status_code == 422
    with app.app_context():
        assert db.session.query(Recording).filter_by(answer_id=None).count() == 0


def test_a_file_that_cannot_be_used_costs_no_try(invited):
    assert invited.answer(2, "audio", path=AUDIO.parent / "clips.csv").status_code == 422
    assert "2 tries left" in invited.client.get(invited.sitting).text


def test_without_consent_no_try_is_used_and_nothing_is_kept(app, invited):
    assert invited.answer(1, consent="").status_code == 422
    with app.app_context():
        assert (db.session.query(Take).count(), db.session.query(Answer).count()) == (0, 0)


def test_the_latest_take_counts_until_another_is_chosen(invited):
    invited.answer(1, text="The first take of it")
    invited.answer(1, text="The second take of it")
    first, second = invited.answers()
    assert f'name="share" value="{second}"' in invited.client.get(invited.sitting).text
    invited.client.post(invited.sitting, data={"action": "choose", "answer": first})
    page = invited.client.get(invited.sitting).text
    assert f'name="share" value="{first}"' in page
    assert f'name="share" value="{second}"' not in page


def test_choosing_another_take_ends_the_share_of_the_one_before(ann, invited):
    invited.answer(1)
    invited.answer(1)
    first, second = invited.answers()
    invited.share(second)
    assert ann.client.get(f"/desk/answers/{second}").status_code == 200
    chosen = invited.client.post(invited.sitting, data={"action": "choose", "answer": first})
    assert "not shared any more" in flashes(invited.client.get(chosen.headers["Location"]))[-1]
    assert ann.client.get(f"/desk/answers/{second}").status_code == ann.client.get(f"/desk/answers/{first}").status_code == 404


def test_anothers_place_cannot_be_answered(app, ann, invited, stranger):
    other = Road(stranger, ann.invite(invited.interview, "Dora")["Dora"][0])
    other.begin()
    other.sitting = invited.sitting
    assert other.answer(1).status_code == other.record(2).status_code == 404
    with app.app_context():
        assert db.session.query(Take).count() == 0


def test_a_break_is_offered_after_an_answer(ann, visit):
    road = Road(visit, ann.invite(ann.compose(pause=["90", "0", "0"]))["Bob"][0])
    road.begin()
    assert "data-rest" not in visit.client.get(f"{road.sitting}/questions/1").text
    road.answer(1)
    left = re.search(r"data-rest>(\d+)<", visit.client.get(f"{road.sitting}/questions/2").text)
    assert 80 <= int(left[1]) <= 90
    assert "data-rest" not in visit.client.get(f"{road.sitting}/questions/3").text


def test_one_page_shows_the_facts_of_all_answers(invited, work):
    invited.answer(3, "video", path=VIDEO)
    work()
    page = invited.client.get(invited.sitting).text
    assert "All answers side by side" in page
    assert re.search(r"Blinks</th><td class=\"number\"></td><td class=\"number\"></td><td class=\"number\">2</td>", page)


@pytest.mark.parametrize("name", SETS)
def test_a_ready_made_interview_is_practised_without_any_desk(app, visit, name):
    began = visit.client.post("/sittings", data={"set": name})
    assert began.status_code == 303
    page = visit.client.get(began.headers["Location"]).text
    assert "practice, for you alone" in page
    assert 'id="sharing"' not in page
    assert visit.client.post("/sittings", data={"set": "unknown"}).status_code == 400
    assert visit.client.post(began.headers["Location"], data={"action": "share"}).status_code == 400
    visit.client.post(began.headers["Location"], data={"action": "withdraw"})
    with app.app_context():
        assert (db.session.query(Sitting).count(), db.session.query(Interview).count()) == (0, 0)


@pytest.mark.parametrize("erase", [False, True])
def test_withdrawing_takes_everything_from_the_desk_at_once(app, ann, invited, work, erase):
    invited.answer(1, text="Unmistakable words of the candidate")
    invited.answer(3, "video", path=VIDEO)
    unfinished = invited.record(2).headers["Location"]
    invited.visit.send(unfinished, 0, b"half")
    work()
    ids = invited.answers()
    invited.share(*ids)
    assert ann.client.get(f"/desk/answers/{ids[1]}/media").status_code == 200
    invited.withdraw(erase)
    for path in ("", "/media", ".json", ".csv", "/charts"):
        assert {ann.client.get(f"/desk/answers/{identity}{path}").status_code for identity in ids} == {404}
    assert "declined or withdrawn" in ann.client.get(invited.interview).text
    assert invited.client.get(invited.link).status_code == 410
    assert {invited.client.get(f"/answers/{identity}").status_code for identity in ids} == {404 if erase else 200}
    with app.app_context():
        assert (db.session.query(Sitting).count(), db.session.query(Share).count(), db.session.query(Take).count()) == (0, 0, 0)
        assert db.session.query(Recording).filter_by(answer_id=None).count() == (0 if erase else 1)


def test_what_is_erased_is_in_no_byte_of_the_database(app, ann, invited, work):
    from pathlib import Path

    invited.answer(1, text="Quetzalcoatl whispered " * 20)
    work()
    answer = invited.answers()[0]
    invited.share(answer)
    ann.client.post(f"/desk/answers/{answer}/comments", data={"text": "Xylophonist remark"})
    instance = Path(app.config["INSTANCE"])

    def found():
        return [p.name for p in instance.rglob("*") if p.is_file() and (b"Quetzalcoatl" in p.read_bytes() or b"Xylophonist" in p.read_bytes())]

    assert found()
    invited.withdraw(erase=True)
    assert found() == []


def test_deleting_a_visitor_deletes_their_sitting_and_ends_the_invitation(app, ann, invited, work):
    invited.answer(1)
    invited.share(*invited.answers())
    ann.client.get(f"/desk/answers/{invited.answers()[0]}")
    invited.client.post("/visitor", data={"action": "delete"})
    with app.app_context():
        assert [db.session.query(t).count() for t in (Sitting, Take, Share, Comment, Look, Answer)] == [0] * 6
        assert db.session.query(Invitation).one().declined
    assert invited.client.get(invited.link).status_code == 410


def test_the_page_of_what_is_kept_counts_interviews_and_shares(invited):
    invited.answer(1)
    invited.share(*invited.answers())
    kept = invited.client.get("/visitor").text
    assert re.search(r"Whole interviews</a></dt><dd>1<", kept)
    assert re.search(r"invited me</dt><dd>1<", kept)


def test_withdrawing_a_consent_ends_its_shares(ann, invited):
    invited.answer(2, "audio")
    answer = invited.answers()[0]
    invited.share(answer)
    invited.client.post("/visitor", data={"action": "withdraw", "modality": "audio"})
    assert ann.client.get(f"/desk/answers/{answer}").status_code == 404


def test_an_account_that_is_removed_leaves_the_answers_to_their_candidate(app, ann, invited):
    from interview import accounts

    invited.answer(1)
    with app.app_context():
        accounts.remove("Ann")
        assert (db.session.query(Interview).count(), db.session.query(Sitting).count(), db.session.query(Answer).count()) == (0, 0, 1)
    assert invited.client.get(f"/answers/{invited.client.get('/answers').text.split('/answers/')[1][:22]}").status_code == 200


def test_a_file_longer_than_its_question_allows_is_refused_and_costs_no_try(ann, visit):
    interview = ann.compose(seconds=["10"] * 3, tries=["1"] * 3)
    road = Road(visit, ann.invite(interview)["Bob"][0])
    road.begin()
    refused = road.answer(3, "video", path=CLIPS / "v02_talk_man_portrait_20s.mp4")
    assert refused.status_code == 422
    assert "longer than the 10 seconds that this question allows" in refused.text
    assert road.answers() == []
    assert visit.client.get("/answers").text.count("data-recording") == 0
    assert road.answer(3, "audio", path=AUDIO).status_code == 303  # 13.9 s: within the tolerance; and the only try is still there
    assert road.answer(2, "audio", path=CLIPS / "a06_speech_woman_9s_mediarecorder.webm").status_code == 303  # its header tells no duration


def test_a_recording_that_arrives_in_pieces_is_held_to_the_limit_too(ann, visit):
    interview = ann.compose(seconds=["10"] * 3)
    road = Road(visit, ann.invite(interview)["Bob"][0])
    road.begin()
    address = road.record(2).headers["Location"]
    data = (CLIPS / "a02_speech_man_17s.mp3").read_bytes()
    assert visit.send(address, 0, data).status_code == 204
    refused = visit.finish(address)
    assert refused.status_code == 422
    assert "longer than the 10 seconds" in refused.json["error"]
    assert visit.client.get(address).status_code == 200  # recorded here: it is not thrown away
    assert road.answers() == []


def test_a_single_interview_takes_files_of_any_length(visit):
    assert visit.upload("audio", AUDIO).status_code == 303


def test_a_question_on_camera_can_be_answered_live_with_its_own_times(ann, visit, stranger):
    interview = ann.compose(thinking=["7"] * 3, seconds=["90"] * 3)
    road = Road(visit, ann.invite(interview)["Bob"][0])
    road.begin()
    identity = road.sitting.rsplit("/", 1)[1]
    live = f"/live?sitting={identity}&number=3"
    assert f"{live}".replace("&", "&amp;") in visit.client.get(f"{road.sitting}/questions/3?kind=video").text
    page = visit.client.get(live).text
    assert 'data-answer-seconds="90" data-thinking-seconds="7"' in page
    assert f'name="sitting" value="{identity}"' in page and 'name="step"' in page and 'name="question"' not in page
    assert stranger.client.get(live).status_code == 404
    assert visit.client.get(f"/live?sitting={identity}&number=9").status_code == 404


@pytest.mark.parametrize("number", [1, 2])
def test_a_question_that_wants_another_kind_is_not_answered_live(invited, number):
    answer = invited.client.get(f"/live?sitting={invited.sitting.rsplit('/', 1)[1]}&number={number}")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/questions/{number}")
    assert "Answer it live" not in invited.client.get(f"{invited.sitting}/questions/{number}").text


def test_without_tries_left_nothing_is_answered_live(ann, visit):
    road = Road(visit, ann.invite(ann.compose(tries=["1"] * 3))["Bob"][0])
    road.begin()
    road.answer(3, "video", path=VIDEO)
    assert visit.client.get(f"/live?sitting={road.sitting.rsplit('/', 1)[1]}&number=3").status_code == 303
