import json

import pytest
from visiting import Visit

from interview import others
from interview.database import Answer, Comparison, db


@pytest.fixture
def crowd(app, work):
    """Return a function that lets ``count`` people answer, each opted in."""

    def answer(count, text="people like to work in a team", **fields):
        people = [Visit(app) for _ in range(count)]
        for person in people:
            person.address = person.write(text, others="on", **fields).headers["Location"]
        work()
        return people

    return answer


def compared(app, address):
    with app.app_context():
        return others.comparison(db.session.get(Answer, address.rsplit("/", 1)[1]))


def test_fewer_than_five_people_are_not_shown(app, visit, crowd, work):
    address = visit.write(others="on").headers["Location"]
    crowd(4)
    shown = compared(app, address)
    assert (shown["ready"], shown["people"], shown["least"], shown["traits"]) == (False, 4, 5, None)


def test_five_answers_of_one_person_are_one_person(app, visit, crowd):
    (person,) = crowd(1)
    for _ in range(6):
        person.write(others="on")
    address = visit.write().headers["Location"]
    crowd(3)
    assert compared(app, address)["people"] == 4


def test_five_others_are_shown_and_never_oneself(app, visit, crowd, work):
    address = visit.write("mine mine mine", others="on").headers["Location"]
    crowd(5)
    shown = compared(app, address)
    assert (shown["ready"], shown["people"]) == (True, 5)
    assert shown["traits"] == {"openness": 0.6, "extraversion": 0.7}
    assert {"word": "team", "share": pytest.approx(100 / 7, abs=0.01)} in shown["words"]
    assert "mine" not in json.dumps(shown["words"])


def test_the_set_is_fixed_when_it_was_first_shown(app, visit, crowd, work):
    address = visit.write().headers["Location"]
    crowd(5)
    first = compared(app, address)
    crowd(3, "entirely different words here")
    assert compared(app, address) == first


@pytest.mark.parametrize("fields", [{"question": "failure-mistake"}, {"own_question": "Why us?"}])
def test_answers_to_another_kind_of_question_do_not_count(app, visit, crowd, fields):
    address = visit.write().headers["Location"]
    crowd(6, **fields)
    assert compared(app, address)["people"] == 0


def test_answers_that_are_not_offered_do_not_count(app, visit, crowd):
    address = visit.write().headers["Location"]
    for person in crowd(6):
        person.client.post(person.address, data={"action": "others"})
    assert compared(app, address)["people"] == 0


@pytest.mark.parametrize("leave", ["delete", "others"])
def test_who_leaves_is_in_no_comparison_any_more(app, visit, crowd, leave):
    address = visit.write().headers["Location"]
    people = crowd(5)
    assert compared(app, address)["ready"]
    people[0].client.post(people[0].address, data={"action": leave})
    with app.app_context():
        assert db.session.query(Comparison).count() == 0
    assert not compared(app, address)["ready"]
    crowd(1)
    assert compared(app, address)["ready"]


def test_a_word_of_one_person_alone_is_not_shown(app, visit, crowd):
    address = visit.write().headers["Location"]
    crowd(4)
    crowd(1, "Rumpelstiltskin people")
    words = [word["word"] for word in compared(app, address)["words"]]
    assert "people" in words
    assert "Rumpelstiltskin" not in words
