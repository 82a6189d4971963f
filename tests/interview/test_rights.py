"""Every route, as every role: what the table of rights allows is answered, everything else is not found or refused."""

import pytest
from desking import VIDEO, Desk, Road
from visiting import PIECE, Visit

from interview import comments, press, rights
from interview.database import Answer, Picture, db
from interview.desk_database import Account

ROLES = ("stranger", "candidate", "other candidate", "owner", "other account", "coach")
OF_RIGHT = {
    rights.EVERYONE: set(ROLES),
    rights.INVITED: set(ROLES),
    rights.VISITOR: {"candidate"},
    rights.ACCOUNT: {"owner", "other account", "coach"},
    rights.OWNER: {"owner"},
    rights.SHARED: {"owner"},
}
SIGN_IN = "/desk/login?next="
BODIES = {
    "desk_answers.comment": {"text": "Well said", "seconds": "0:01"},
    "desk_interviews.change": {"action": "copy"},
    "desk_interviews.invite": {"people": "Eve"},
    "desk_invitations.change": {"action": "renew"},
    "moments.look": {"at": "1"},
    "recordings.change": {"action": "finish"},
    "sittings.accept": {"action": "decline"},
    "sittings.practise": {"set": "first"},
}
ENDING = ("desk.sign_out", "visitors.change", "sittings.change", "desk_interviews.save")  # these have tests of their own below


@pytest.fixture
def people(app, ann, invited, work):
    """Return a client for each role; the candidate has answered Ann's interview twice and shares the first answer."""
    other = Visit(app)
    theirs = Road(other, ann.invite(invited.interview, "Dora")["Dora"][0])
    theirs.begin()
    theirs.answer(1)
    invited.answer(3, "video", path=VIDEO)
    invited.answer(3, "video", path=VIDEO)
    work()
    first = invited.answers()[0]
    invited.client.post(invited.sitting, data={"action": "choose", "answer": first})
    invited.share(first)
    clients = (app.test_client(), invited.client, other.client, ann.client, Desk(app, "Carl").client, Desk(app, "Cora", "coach").client)
    return dict(zip(ROLES, clients, strict=True))


def address_of(app, road, rule):
    """Return a rule's address with the ids of the candidate's and Ann's things; what the request may end is made anew."""
    first, second = road.answers()[:2]
    room = rule.endpoint.split(".")[0]
    with app.app_context():
        ann = db.session.query(Account).filter_by(name="Ann").one()
        comment = comments.add(ann, db.session.get(Answer, first), "So", "").id if rule.endpoint == "desk_answers.uncomment" else ""
        picture = db.session.query(Picture).filter_by(answer_id=first).first().name
    if room == "recordings":
        identity = road.visit.begin().headers["Location"]
    elif rule.endpoint == "answers.delete":
        identity = road.visit.write().headers["Location"]
    else:
        of_report = {"reports.sitting": road.sitting, "desk_reports.invitation": road.desk}.get(rule.endpoint.removesuffix("_pdf"), first)
        of_room = {"desk_interviews": road.interview, "desk_invitations": road.desk, "sittings": road.sitting}
        identity = of_room.get(room, of_report if room.endswith("reports") else first)
    values = {"id": identity.rsplit("/", 1)[-1], "other": second, "token": road.link.rsplit("/", 1)[1], "number": 1, "comment": comment, "kind": "text"}
    values |= {"name": picture, "filename": "css/base.css"}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})


def ask(client, rule, method, address):
    """Tell whether a role's request is let through."""
    headers = {**(PIECE if rule.endpoint.startswith("recordings.") else {}), "Accept": "text/html"}
    if method == "POST":
        headers.pop("Content-Type", None)
    answer = client.open(address, method=method, data=BODIES.get(rule.endpoint, {}) if method == "POST" else None, headers=headers)
    assert answer.status_code < 500, f"{method} {address}: {answer.status_code}"
    return answer.status_code not in (401, 404) and not (answer.status_code == 303 and SIGN_IN in answer.headers["Location"])


def test_every_route_is_in_the_table_and_the_table_names_no_other(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(rights.RIGHTS)
    assert set(rights.RIGHTS.values()) == set(OF_RIGHT)


def test_every_route_lets_those_through_whose_right_it_is_and_nobody_else(app, people, invited, monkeypatch):
    monkeypatch.setattr(press, "_work", lambda what, given: b"{}")  # what a report looks like has tests of its own
    monkeypatch.setattr(press, "pictures", lambda charts, locale: dict.fromkeys(charts, "<svg/>"))
    wrong = []
    for rule in filter(lambda rule: not rule.websocket, app.url_map.iter_rules()):  # a socket refuses in its own way: see test_live
        for method in sorted((rule.methods - {"HEAD", "OPTIONS"}) or {"OPTIONS"}):
            for role in ROLES if rule.endpoint not in ENDING else ():
                through = ask(people[role], rule, method, address_of(app, invited, rule))
                if through != (role in OF_RIGHT[rights.RIGHTS[rule.endpoint]]):
                    wrong.append(f"{role}: {method} {rule.rule} {'is let through' if through else 'is refused'}")
    assert wrong == []


@pytest.mark.parametrize("action", ["choose", "share", "withdraw"])
def test_nobody_but_the_candidate_changes_a_sitting(people, invited, action):
    form = {"action": action, "answer": invited.answers()[0]}
    codes = {role: people[role].post(invited.sitting, data=form).status_code for role in sorted(ROLES, key="candidate".__eq__)}
    assert codes == {role: 303 if role == "candidate" else 404 for role in ROLES}


def test_nobody_but_the_owner_saves_an_interview(ann, people, invited):
    codes = {role: people[role].post(f"{invited.interview}/edit", data=ann.form()).status_code for role in ROLES}
    assert codes == {"owner": 422, "other account": 404, "coach": 404, "stranger": 401, "candidate": 401, "other candidate": 401}  # 422: it is begun


def test_everything_of_a_visitor_is_deleted_by_themselves_alone(people, invited):
    for role in ("stranger", "other candidate", "other account", "coach"):
        assert people[role].post("/visitor", data={"action": "delete"}).status_code == 303
    assert people["owner"].get(f"/desk/answers/{invited.answers()[0]}").status_code == 200
    assert people["candidate"].get(invited.sitting).status_code == 200


def test_signing_out_ends_ones_own_session_alone(people):
    for role in set(ROLES) - {"owner"}:
        people[role].post("/desk/logout")
    assert people["owner"].get("/desk").status_code == 200
    assert people["coach"].get("/desk").status_code == 303


def test_a_route_of_the_desk_that_is_not_in_the_table_is_refused(ann, monkeypatch):
    monkeypatch.delitem(rights.RIGHTS, "desk.index")
    assert ann.client.get("/desk").status_code == 404


def test_accounts_list_their_own_interviews_only(people):
    assert "Sales, first round" in people["owner"].get("/desk").text
    assert "Sales, first round" not in people["other account"].get("/desk").text
