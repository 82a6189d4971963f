"""Interviews are composed, previewed, copied and deleted; invitations are made, renewed, taken back and counted."""

import csv
import io
from datetime import timedelta

import pytest
from desking import QUESTIONS, Road, flashes

from core.errors import InputError
from interview import invitations, retention
from interview.database import Answer, Visitor, change, db
from interview.desk_database import Interview, Invitation, Step
from interview.sitting_database import Sitting


def test_an_interview_is_composed_of_bank_and_own_questions(app, ann):
    page = ann.client.get(ann.compose())
    assert "Why this firm?" in page.text
    with app.app_context():
        steps = db.session.query(Step).order_by(Step.number).all()
        assert [(s.question_id, s.theme, s.kind) for s in steps] == [
            ("leadership-led", "leadership", "text"),
            (None, "own", "audio"),
            ("failure-goal", "failure", "any"),
        ]
        assert {(s.thinking_seconds, s.answer_seconds, s.tries, s.break_seconds) for s in steps} == {(5, 60, 2, 0)}


@pytest.mark.parametrize(
    ("action", "order"),
    [("add", [0, 1, 2, None]), ("remove-1", [0, 2]), ("up-2", [0, 2, 1]), ("down-0", [1, 0, 2]), ("up-0", [0, 1, 2]), ("down-9", [0, 1, 2])],
)
def test_questions_are_added_removed_and_moved_without_javascript(app, ann, action, order):
    page = ann.client.post("/desk/interviews", data=ann.form(action=action))
    assert page.status_code == 200
    kinds = [
        part.split('"')[1]
        for part in page.text.split("<option value=")
        if " selected" in part.split(">")[0] and part.split('"')[1] in ("text", "audio", "video", "any")
    ]
    assert kinds == [QUESTIONS[-1 if i is None else i][2] for i in order]
    assert 'value="Sales, first round"' in page.text
    with app.app_context():
        assert db.session.query(Interview).count() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"title": " "}, {"title": "x" * 121}, {"note": "x" * 2001}, {"thinking": ["5", "5", "301"]}, {"seconds": ["9", "60", "60"]}, {"tries": ["1", "-1", "1"]}, {"kind": ["text", "smell", "any"]},
     {"question": ["unknown", "", "failure-goal"]}, {"question": []}],
)  # fmt: skip
def test_what_cannot_be_saved_gets_a_sentence_and_keeps_what_was_typed(app, ann, wrong):
    refused = ann.client.post("/desk/interviews", data=ann.form(**wrong))
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    with app.app_context():
        assert db.session.query(Interview).count() == 0


def test_an_interview_changes_until_somebody_has_begun_it(ann, visit):
    interview = ann.compose()
    link = ann.invite(interview)["Bob"][0]
    assert ann.client.post(f"{interview}/edit", data=ann.form(QUESTIONS[:1], title="Shorter")).status_code == 303
    assert "Shorter" in visit.client.get(link).text
    Road(visit, link).begin()
    assert ann.client.get(f"{interview}/edit").status_code == 303
    assert ann.client.post(f"{interview}/edit", data=ann.form()).status_code == 422
    copied = ann.client.post(interview, data={"action": "copy"}).headers["Location"]
    assert ann.client.get(copied).status_code == 200


def test_a_preview_shows_what_a_candidate_sees_and_keeps_nothing(app, ann):
    interview = ann.compose()
    page = ann.client.get(f"{interview}/preview")
    assert "Ann (recruiter) asks you to answer 3 questions." in page.text
    for number, kind in ((1, "text"), (2, "audio"), (3, "video")):
        shown = ann.client.get(f"{interview}/preview/{number}").text
        assert "preview, nothing is kept" in shown
        assert ("data-preview" in shown) == (kind != "text")
        assert "data-recordings" not in shown
    assert ann.client.get(f"{interview}/preview/4").status_code == 404
    with app.app_context():
        assert (db.session.query(Visitor).count(), db.session.query(Sitting).count(), db.session.query(Answer).count()) == (0, 0, 0)


def test_many_are_invited_at_once_and_their_links_come_back_as_csv(app, ann, visit):
    interview = ann.compose()
    ann.invite(interview, "Bob\nÉva; not an address\n\n  Zoë  \n")
    file = (io.BytesIO("name;mail\r\nCarol;c@example.org\r\n=cmd();x\r\n".encode("utf-8-sig")), "people.csv")
    assert ann.client.post(f"{interview}/invitations", data={"list": file}, content_type="multipart/form-data").status_code == 303
    rows = list(csv.DictReader(io.StringIO(ann.client.get(f"{interview}/invitations.csv").get_data().decode("utf-8-sig"))))
    assert {row["name"] for row in rows} == {"Bob", "Éva", "Zoë", "Carol", "'=cmd()"}
    assert {row["contact"] for row in rows if row["name"] in ("Carol", "Éva")} == {"c@example.org", "not an address"}
    assert len({row["link"] for row in rows}) == 5
    assert visit.client.get(rows[0]["link"]).status_code == 200


@pytest.mark.parametrize("listed", ["", " \n ", "name,mail\n", "x\n" * 501])
def test_a_list_without_people_or_with_too_many_is_refused(listed):
    with pytest.raises(InputError):
        invitations.people_in(listed)


def test_a_link_is_bound_to_the_first_who_accepts(ann, invited, stranger):
    other = Road(stranger, invited.link)
    page = stranger.client.get(invited.link)
    assert (page.status_code, "another browser" in page.text) == (410, True)
    refused = other.begin()
    assert (refused.status_code, "another browser" in refused.text) == (422, True)
    assert invited.client.get(invited.link).headers["Location"] == invited.sitting
    assert invited.begin().headers["Location"] == invited.sitting


def test_a_link_is_accepted_only_with_the_tick(ann, visit, app):
    link = ann.invite(ann.compose())["Bob"][0]
    assert visit.client.post(link, data={"action": "begin"}).status_code == 422
    with app.app_context():
        assert db.session.query(Sitting).count() == 0


@pytest.mark.parametrize("how", ["revoke", "expire"])
def test_a_closed_invitation_takes_no_answers_and_can_be_opened_again(app, ann, invited, stranger, how):
    if how == "revoke":
        ann.client.post(invited.desk, data={"action": "revoke"})
    else:
        with app.app_context(), change() as session:
            session.query(Invitation).one().expires -= timedelta(days=15)
    assert invited.answer(1).status_code == 422
    assert invited.record(2).status_code == 422
    assert 'id="answer"' not in invited.client.get(f"{invited.sitting}/questions/1").text
    ann.client.post(invited.desk, data={"action": "renew"})
    assert invited.answer(1).status_code == 303


def test_a_closed_invitation_cannot_be_begun(ann, visit):
    link, desk = ann.invite(ann.compose())["Bob"]
    ann.client.post(desk, data={"action": "revoke"})
    assert visit.client.get(link).status_code == 410
    assert Road(visit, link).begin().status_code == 422
    assert visit.client.get("/invitations/unknown").status_code == 404


def test_declining_is_seen_at_the_desk(ann, visit):
    interview = ann.compose()
    link = ann.invite(interview)["Bob"][0]
    visit.client.post(link, data={"action": "decline"})
    assert visit.client.get(link).status_code == 410
    assert "declined or withdrawn" in ann.client.get(interview).text


def test_the_desk_counts_what_is_opened_answered_and_shared_and_sees_no_content(ann, invited):
    invited.answer(1, text="Unmistakable words of the candidate")
    pages = ann.client.get(invited.interview).text + ann.client.get(invited.desk).text
    assert "opened on" in pages and "1 of 3" in pages and "0 shared" in pages
    assert "Unmistakable" not in pages
    invited.share(*invited.answers())
    assert "1 shared" in ann.client.get(invited.desk).text


def test_a_text_to_send_has_the_link_and_the_state(ann, invited):
    assert invited.link in ann.client.get(invited.desk).text
    assert "3 questions" in ann.client.get(invited.desk).text
    invited.answer(1)
    assert "You have answered 1 of 3 questions." in ann.client.get(invited.desk).text


def test_deleting_an_interview_leaves_the_answers_to_their_candidate(app, ann, invited):
    address = f"/answers/{(invited.answer(1), invited.answers()[0])[1]}"
    invited.share(*invited.answers())
    assert flashes(ann.client.get(ann.client.post(invited.interview, data={"action": "delete"}).headers["Location"]))
    assert ann.client.get(f"/desk{address}").status_code == 404
    assert invited.client.get(invited.sitting).status_code == 404
    assert invited.client.get(address).status_code == 200
    with app.app_context():
        assert db.session.query(Invitation).count() == db.session.query(Sitting).count() == 0


def test_invitations_and_sittings_are_forgotten_with_the_results(app, ann, invited):
    ann.invite(invited.interview, "Dora")
    with app.app_context():
        with change() as session:
            for row in session.query(Invitation):
                row.expires -= timedelta(days=91 + 14)
            session.query(Sitting).one().begun -= timedelta(days=91)
        retention.clear_up()
        assert (db.session.query(Invitation).count(), db.session.query(Sitting).count(), db.session.query(Interview).count()) == (0, 0, 1)
