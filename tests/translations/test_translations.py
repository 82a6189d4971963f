"""The French catalogue is whole, its compiled form is up to date, and stored sentences are translated with their values."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel, force_locale

from interview.sentences import pattern_of, translated
from translations.extract import extract

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "translations" / "fr" / "LC_MESSAGES"
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def catalogue():
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="fr")


def pairs(catalogue):
    return {str(list(m.id) if m.pluralizable else m.id): str(list(m.string) if m.pluralizable else m.string) for m in catalogue if m.id}


@pytest.fixture
def french():
    app = Flask(__name__)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "translations")
    Babel(app)
    with app.test_request_context(), force_locale("fr"):
        yield


def test_every_sentence_of_the_product_is_in_french(catalogue):
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    methods = [(pattern, extract if method == "translations.extract:extract" else method) for pattern, method in methods]
    found = {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in extract_from_dir(ROOT, methods, options, KEYWORDS)}
    assert len(found) > 300
    missing = sorted(text for text in found if not (message := catalogue.get(text)) or not message.string or not all(message.string))
    assert missing == []


def test_catalogue_has_no_faulty_placeholder(catalogue):
    assert [(message.id, [str(error) for error in errors]) for message, errors in catalogue.check() if "%(" in str(message.id)] == []


def test_compiled_catalogue_is_that_of_the_text(catalogue):
    with (FOLDER / "messages.mo").open("rb") as file:
        compiled = read_mo(file)
    assert pairs(compiled) == pairs(catalogue)


@pytest.mark.parametrize(
    ("sentence", "french_sentence"),
    [
        ("A face was found in only 40% of the frames; the shares speak of those alone.", "Un visage n’a été trouvé que dans 40\xa0% des images"),
        ("The text has 12 words; traits are shown from 50 words on, since fewer say nothing about a person.", "Le texte a 12 mots"),
        ("This file is empty.", "Ce fichier est vide."),
        ("Nobody has translated this 1 sentence.", "Nobody has translated this 1 sentence."),
    ],
)
def test_stored_sentence_is_translated_with_its_values(french, sentence, french_sentence):
    assert translated(sentence).startswith(french_sentence)


def test_english_sentence_stays_as_it_is():
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        assert translated("A face was found in only 40% of the frames.") == "A face was found in only 40% of the frames."


def test_pattern_marks_numbers_percentages_and_languages():
    assert pattern_of("It has 0.5 s, 40 % and (fr).") == "It has {} s, {} and ({})."
