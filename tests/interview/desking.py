"""What the tests of the desk share: an account that composes and invites, and a candidate who answers."""

from __future__ import annotations

import re

from visiting import CLIPS

from interview import accounts
from interview.database import Answer, db
from interview.desk_database import Invitation, Step
from interview.sitting_database import Sitting

PASSWORD = "a long enough password"
AUDIO, VIDEO = CLIPS / "a01_speech_woman_14s.ogg", CLIPS / "v06_grid_woman_3s.mp4"
QUESTIONS = (("leadership-led", "", "text"), ("", "Why this firm?", "audio"), ("failure-goal", "", "any"))


class Desk:
    """An account with its own cookies."""

    def __init__(self, app, name="Ann", role="recruiter"):
        self.app, self.name, self.client = app, name, app.test_client()
        with app.app_context():
            accounts.add(name, role, PASSWORD)
        assert self.client.post("/desk/login", data={"name": name, "password": PASSWORD}).status_code == 303

    def form(self, questions=QUESTIONS, **fields):
        columns = {"question": [q for q, _, _ in questions], "own": [o for _, o, _ in questions], "kind": [k for _, _, k in questions]}
        numbers = {"thinking": "5", "seconds": "60", "tries": "2", "pause": "0"}
        return {"title": "Sales, first round", "note": "Welcome!", **columns, **{n: [v] * len(questions) for n, v in numbers.items()}, **fields}

    def compose(self, **fields):
        made = self.client.post("/desk/interviews", data=self.form(**fields))
        assert made.status_code == 303, made.text
        return made.headers["Location"]

    def invite(self, interview, people="Bob, bob@example.org"):
        assert self.client.post(f"{interview}/invitations", data={"people": people}).status_code == 303
        with self.app.app_context():
            wanted = Invitation.interview_id == interview.rsplit("/", 1)[1]
            return {i.name: (f"/invitations/{i.token}", f"/desk/invitations/{i.id}") for i in db.session.query(Invitation).filter(wanted)}


class Road:
    """A candidate's way through an interview."""

    def __init__(self, visit, link):
        self.visit, self.client, self.link = visit, visit.client, link

    def begin(self):
        answer = self.client.post(self.link, data={"action": "begin", "agree": "on"})
        if answer.status_code == 303:
            self.sitting = answer.headers["Location"]
        return answer

    def answer(self, number, kind="text", text="I led a small group towards a hard goal", path=AUDIO, **fields):
        form = {"kind": kind, "consent": "on", **fields}
        if kind == "text":
            return self.client.post(f"{self.sitting}/questions/{number}", data={**form, "text": text})
        with path.open("rb") as file:
            data = {**form, "recording": (file, path.name)}
            return self.client.post(f"{self.sitting}/questions/{number}", data=data, content_type="multipart/form-data")

    def record(self, number, data=b"", kind="audio"):
        with self.visit.app.app_context():
            sitting = db.session.get(Sitting, self.sitting.rsplit("/", 1)[1])
            step = db.session.query(Step).filter_by(interview_id=sitting.interview_id, number=number).one().id
        return self.visit.begin(kind, sitting=self.sitting.rsplit("/", 1)[1], step=step)

    def answers(self):
        """Return the ids of the answers, the first first."""
        with self.visit.app.app_context():
            return [a.id for a in db.session.query(Answer).order_by(Answer.created) if a.visitor_id == self.visitor()]

    def visitor(self):
        return db.session.get(Sitting, self.sitting.rsplit("/", 1)[1]).visitor_id

    def share(self, *ids, media=True, facts=True, inferences=False):
        wanted = {"media": media, "facts": facts, "inferences": inferences}
        form = {"action": "share", "share": list(ids), **{name: list(ids) if is_in else [] for name, is_in in wanted.items()}}
        return self.client.post(self.sitting, data=form)

    def withdraw(self, erase=False):
        return self.client.post(self.sitting, data={"action": "withdraw", **({"erase": "on"} if erase else {})})


def flashes(page):
    return re.findall(r'<p class="note flash".*?<span>(.*?)</span>', page.text)
