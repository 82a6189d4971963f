from pathlib import Path

import pytest
from nltk.tag.perceptron import AveragedPerceptron

from text.features import analyse, content, lemma_of, tokenize
from text.patterns import standardise
from text.sentences import sentence_spans
from text.tagger import Tagger, accuracy, read_tagger, save_tagger
from text.tagger_fitting import train_tagger


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("I can’t, won't and didn't.", "I can not, will not and did not."),
        ("im sure they dont care", "I am sure they do not care"),
        ("She's here; it's his; Anna's dog", "She is here; it is his; Anna's dog"),
        ("I'd go, we've gone, they'll go", "I would go, we have gone, they will go"),
        ("gonna be sooooo good", "going to be soo good"),
        ("mail me@x.org or see https://x.org/a?b", "mail address or see address"),
        ("in 1999 I paid 3,500.50 for the 2nd", "in number I paid number for the number"),
        ("a well-known co-worker", "a well - known co - worker"),
    ],
)
def test_spellings_become_uniform(written: str, standard: str) -> None:
    assert standardise(written) == standard


def test_standardising_twice_changes_nothing() -> None:
    once = standardise("I can't believe it's not well-known, y'all: 25 %!")
    assert standardise(once) == once


def test_tokens_keep_punctuation_for_the_tagger() -> None:
    assert tokenize("Yes, I can't.") == ["Yes", ",", "I", "can", "not", "."]


@pytest.mark.parametrize(
    ("form", "tag", "lemma"),
    [
        ("went", "VBD", "go"),
        ("meeting", "NN", "meeting"),
        ("meeting", "VBG", "meet"),
        ("better", "JJR", "good"),
        ("us", "PRP", "us"),
        ("smith", "NNP", "smith"),
    ],
)
def test_the_lemma_follows_the_tag(form: str, tag: str, lemma: str) -> None:
    assert lemma_of(form, tag) == lemma


def test_stop_words_go_and_negations_and_pronouns_stay(tagger: Tagger) -> None:
    words = [token.lemma for token in content(analyse("We were not going to the houses. They never told me.", tagger))]
    assert words == ["we", "not", "go", "house", "they", "never", "tell", "me"]


def test_the_tagger_tells_the_noun_from_the_verb(tagger: Tagger) -> None:
    tagged = tagger.tag(tokenize("I was meeting a friend before the meeting."))
    assert [tag for word, tag in tagged if word == "meeting"] == ["VBG", "NN"]


def test_tokens_are_those_of_nltk(answer: Path) -> None:
    from nltk.tokenize.destructive import NLTKWordTokenizer

    text = answer.read_text(encoding="utf-8") + " \"Well,\" he said (twice) -- 'gimme $5...' I cannot, can I? Rock 'n' roll; more'n enough: 3,4 [x] ``so''."
    theirs = NLTKWordTokenizer()
    assert [tokenize(text[a:b]) for a, b in sentence_spans(text)] == [theirs.tokenize(standardise(text[a:b])) for a, b in sentence_spans(text)]


def test_the_table_of_weights_tags_as_the_perceptron_of_nltk(answer: Path, tagger: Tagger, tmp_path: Path) -> None:
    text = answer.read_text(encoding="utf-8")
    sentences = [tagger.tag(tokenize(text[start:end])) for start, end in sentence_spans(text)]
    trained = train_tagger(sentences, seed=1, iterations=3, smallest=0)
    columns = trained.model.labels
    slow = AveragedPerceptron({feature: dict(zip(columns, trained.model.table[row].tolist(), strict=True)) for feature, row in trained.model.index.items()})
    slow.classes = set(columns)
    for sentence in sentences:
        words = [word for word, _ in sentence]
        context = [*trained.START, *map(trained.normalize, words), *trained.END]
        features = [trained.features(i, word, context, "DT", "IN") for i, word in enumerate(words)]
        assert [trained.model.predict(f) for f in features] == [slow.predict(dict.fromkeys(f, 1)) for f in features]
    save_tagger(trained, tmp_path / "tagger.npz")
    again = read_tagger(tmp_path / "tagger.npz")
    assert [again.tag([word for word, _ in s]) for s in sentences] == [trained.tag([word for word, _ in s]) for s in sentences]
    assert accuracy(again, sentences)[0] / accuracy(again, sentences)[1] > 0.98
