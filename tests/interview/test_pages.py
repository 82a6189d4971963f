import re

import pytest
from visiting import CLIPS

from interview import questions

PAGES = ["/", "/about", "/interviews/text", "/interviews/audio", "/interviews/video", "/answers", "/visitor", "/sittings", "/desk/login"]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_for_a_stranger(visit, address, language):
    answer = visit.client.get(address, query_string={"language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize(("kind", "path"), [("text", None), ("audio", "a01_speech_woman_14s.ogg"), ("video", "v06_grid_woman_3s.mp4")])
def test_the_way_from_an_answer_to_its_result(visit, work, kind, path):
    made = visit.write() if path is None else visit.upload(kind, CLIPS / path)
    assert made.status_code == 303
    address = made.headers["Location"]
    assert visit.client.get(address).status_code == 200
    work()
    page = visit.client.get(address)
    assert page.status_code == 200
    assert f"{address}.json" in page.text
    assert f"{address}.csv" in page.text
    assert visit.client.get("/visitor").status_code == 200


def test_a_language_that_was_asked_for_is_remembered(visit):
    visit.client.get("/?language=fr")
    assert '<html lang="fr"' in visit.client.get("/").text
    assert '<html lang="en"' in visit.client.get("/?language=en").text


def test_the_browsers_language_is_the_first_choice(visit):
    assert '<html lang="fr"' in visit.client.get("/", headers={"Accept-Language": "fr-CA, de;q=0.5"}).text
    assert '<html lang="en"' in visit.client.get("/", headers={"Accept-Language": "pl"}).text


def test_no_page_asks_another_host_for_anything(visit):
    for address in PAGES:
        page = visit.client.get(address).text
        assert not re.findall(r'(?:src|srcset|action|data)="(?:https?:)?//', page)
        assert not re.findall(r"<link[^>]+href=\"(?:https?:)?//", page)
        assert not re.findall(r"<style|style=\"|\son[a-z]+=\"", page)


def test_health_tells_versions_models_and_the_queue(visit):
    health = visit.client.get("/healthz").json
    assert health["status"] == "ok"
    assert health["packages"]["flask"]
    assert set(health["queue"]) == {"waiting", "running", "done", "failed"}
    for model in health["models"].values():
        assert re.fullmatch(r"[0-9a-f]{64}", model["sha256"])


def test_the_bank_has_enough_questions_with_ids_of_their_own():
    assert len(questions.BANK) >= 25
    assert len({question.id for question in questions.BANK}) == len(questions.BANK)
    assert {question.theme for question in questions.BANK} == set(questions.THEMES)
    assert len(questions.of_theme("leadership")) >= 3


def test_another_question_is_a_different_one_of_the_same_theme():
    for question in questions.BANK:
        another = questions.choose(another=question.id)
        assert another.theme == question.theme
        assert another != question


def test_a_question_is_asked_by_its_id_or_its_theme(visit):
    assert questions.choose("failure-goal").id == "failure-goal"
    assert questions.choose(theme="conflict").theme == "conflict"
    assert questions.choose("unknown", "unknown") == questions.BANK[0]
    assert "a goal that you did not reach" in visit.client.get("/interviews/text?question=failure-goal").text


def test_ones_own_question_is_the_answers_question(visit):
    address = visit.write(own_question="  Why   this firm? ").headers["Location"]
    assert "Why this firm?" in visit.client.get(address).text
