import json
from pathlib import Path

import numpy as np
import pytest

from core.analysis import CLASSES, TRAITS, UNCLEAR
from core.manifest import MODELS
from text.__main__ import main
from text.emotion_corpus import read_goemotions, read_training
from text.emotion_linear import EmotionLinear, fit_emotion_linear
from text.emotion_pieces import BUCKETS, PIECES, UNKNOWN, EmotionVocabulary, piece_rows
from text.emotion_scores import best_threshold, choose_thresholds, f1_of, fit_joint
from text.emotion_tokens import LONGEST, emotion_tokens, negated, without_denied, without_negation
from text.emotions import cut, emotion_models
from text.predict import analyze, analyze_text

SAID = {
    "happy": ["I am so happy and proud of my team!", "Thank you, that was wonderful and I loved it."],
    "sad": ["I was heartbroken and cried when she left.", "It was a sad and lonely time for me."],
    "angry": ["I was furious that they lied to me.", "This makes me so angry."],
    "fear": ["I was terrified and afraid of failing.", "I am nervous and scared of speaking."],
    "surprise": ["Wow, I did not expect that at all!", "I was shocked and surprised, how is that possible?"],
    "disgust": ["That is disgusting, it made me sick.", "What a gross and revolting smell."],
    "neutral": ["The meeting is on Monday in the second building.", "The report has four chapters and an appendix."],
}


def probability(sentence: str, name: str) -> float:
    return float(emotion_models().probabilities([sentence])[0, CLASSES.index(name)])


@pytest.mark.parametrize(("name", "sentences"), SAID.items())
def test_a_plain_sentence_is_read_as_what_it_says(name: str, sentences: list[str]) -> None:
    found = emotion_models().probabilities(sentences)
    assert [CLASSES[i] for i in found.argmax(axis=1)] == [name] * len(sentences)


@pytest.mark.parametrize(
    ("said", "denied", "name"),
    [
        ("I am happy.", "I am not happy at all.", "happy"),
        ("I was very happy with it.", "I was never happy with it.", "happy"),
        ("It was a good and happy time.", "It wasn’t a good or happy time.", "happy"),
        ("We were proud and glad.", "We weren't proud or glad.", "happy"),
        ("I was sad.", "I was not sad.", "sad"),
        ("I was afraid of it.", "I was not afraid of it.", "fear"),
    ],
)
def test_a_negation_is_heard(said: str, denied: str, name: str) -> None:
    assert probability(said, name) > 0.6
    assert probability(denied, name) < emotion_models().calibration.unclear < 0.5
    assert analyze_text(denied).sentences[0].label != name


def test_probabilities_sum_to_one_and_do_not_depend_on_the_company() -> None:
    sentences = [sentence for some in SAID.values() for sentence in some]
    together = emotion_models().probabilities([*sentences, "and so on " * 40])
    assert together.sum(axis=1) == pytest.approx(1)
    assert together[3] == pytest.approx(emotion_models().probabilities([sentences[3]])[0], abs=1e-5)


def test_a_word_never_met_is_read_by_its_pieces() -> None:
    vocabulary = EmotionVocabulary.read(MODELS / "text" / "emotions_vocabulary.json")
    assert "heartbreakingest" not in vocabulary.index and "qzxqzx" not in vocabulary.index
    assert probability("It was heartbreakingest.", "sad") > probability("It was qzxqzx.", "sad")


@pytest.mark.parametrize("text", ["", "?", "🙂", "<b>", "a" * 10_000, "no " * 3000, "\u200b", "日本語"])
def test_any_string_has_an_emotion(text: str) -> None:
    assert emotion_models().probabilities([text])[0].sum() == pytest.approx(1)


def test_an_analysis_has_emotions_for_each_sentence_and_for_the_whole(answer: Path) -> None:
    analysis = analyze(answer)
    for sentence in analysis.sentences:
        assert sentence.emotions is not None and tuple(sentence.emotions) == CLASSES
        assert sum(sentence.emotions.values()) == pytest.approx(1, abs=1e-6)
        assert sentence.label == UNCLEAR or sentence.emotions[sentence.label] == max(sentence.emotions.values())
    assert tuple(analysis.emotions) == CLASSES and sum(analysis.emotions.values()) == pytest.approx(1, abs=1e-6)
    assert sum(analysis.shares.values()) == pytest.approx(1, abs=0.001)
    assert analysis.most_frequent is None or analysis.shares[analysis.most_frequent] == max(analysis.shares[name] for name in CLASSES)


def test_a_short_answer_has_emotions_but_another_language_has_none() -> None:
    assert analyze_text("I am so happy today!").sentences[0].label == "happy"
    french = analyze_text("Bonjour, je suis très heureux de vous rencontrer aujourd’hui et de parler de mon travail. " * 5)
    assert not french.emotions and not french.shares and all(s.emotions is None and s.label is None for s in french.sentences)


def test_the_list_has_seven_emotions_by_name(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("id,text\na,I am so happy and proud!\nb,\n", encoding="utf-8")
    assert main(["predict", "--list", str(tmp_path / "list.csv"), "--csv", str(tmp_path / "out.csv")]) == 0
    header, *rows = [line.split(",") for line in (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()]
    assert header == ["id", *TRAITS, *CLASSES]
    for row in rows:
        assert sum(map(float, row[-7:])) == pytest.approx(1, abs=1e-6)
    assert max(CLASSES, key=lambda name: float(rows[0][header.index(name)])) == "happy"


def test_tokens_keep_what_carries_feeling() -> None:
    assert emotion_tokens("I can’t believe it!!! SO goooood :-( 🙂") == [
        *["i", "can", "not", "believe", "it", "!!!", "so", "good", "<drawn>", ":-(", "🙂"],
    ]
    assert emotion_tokens("[NAME] said it by 10%") == ["someone", "said", "it", "by", "number"]
    assert without_denied(["never", "mind", ".", "fine"]) == ["never", "<denied>", ".", "fine"]
    assert without_negation(["never", "mind", ".", "fine"]) == [".", "fine"] and without_negation(["not", "so"]) == ["<denied>"]
    assert negated(["i", "am", "not", "very", "happy", ",", "but", "glad"]) == [False, False, False, True, True, False, False, False]


def test_long_sentences_are_read_in_parts_of_like_length() -> None:
    parts = cut(["word"] * (2 * LONGEST + 1))
    assert [len(part) for part in parts] == [41, 41, 39]
    assert cut([]) == [["?"]]


def test_rows_of_words_and_pieces_are_padded_behind() -> None:
    vocabulary = EmotionVocabulary(["<pad>", "<unk>", "happy", "!"])
    words, pieces = vocabulary.encode([["happy", "!"], ["unheard"]])
    assert words.tolist() == [[2, 3], [UNKNOWN, 0]]
    assert pieces.shape == (2, 2, PIECES) and not pieces[0, 1].any() and pieces[1, 0].all()
    assert all(1 <= row <= BUCKETS for row in piece_rows("extraordinarily"))


def test_the_linear_model_is_scikit_learns_arithmetic(tmp_path: Path) -> None:
    sentences = [emotion_tokens(text) for some in SAID.values() for text in some] * 3
    labels = np.repeat(np.eye(7, dtype=int), 2, axis=0)
    model = fit_emotion_linear(sentences, np.concatenate([labels] * 3), np.ones(len(sentences)))
    model.save(tmp_path / "linear.npz")
    read = EmotionLinear.read(tmp_path / "linear.npz")
    assert read.logits(sentences) == pytest.approx(model.logits(sentences), abs=5e-3)
    order = [CLASSES.index(name) for name in SAID]
    assert (model.logits(sentences)[:14].argmax(axis=1) == labels.argmax(axis=1)).all() and sorted(order) == list(range(7))


def test_the_best_threshold_and_the_joint_weights_find_what_is_there() -> None:
    random = np.random.default_rng(0)
    labels = np.eye(7, dtype=int)[random.integers(0, 7, 600)]
    good, noise = labels * 6.0 + random.normal(0, 1, labels.shape), random.normal(0, 1, labels.shape)
    joint = choose_thresholds(fit_joint(good, noise, labels), good, noise, labels)
    assert joint.network > 10 * abs(joint.linear)
    p = joint.probabilities(good, noise)
    assert f1_of((p >= joint.thresholds).astype(int), labels).mean() > 0.95
    assert best_threshold(np.array([0.9, 0.8, 0.3, 0.1]), np.array([1, 1, 0, 0]))[1] == 1.0


def test_what_dev_and_test_share_with_training_is_left_out(tmp_path: Path) -> None:
    import gzip
    import zipfile

    folder = tmp_path / "text"
    folder.mkdir()
    with zipfile.ZipFile(folder / "goemotions.zip", "w") as archive:
        archive.writestr("emotions.txt", "joy\nremorse\nneutral")
        archive.writestr("ekman_mapping.json", json.dumps({"joy": ["joy"], "sadness": ["remorse"]}))
        archive.writestr("train.tsv", "Kept!\t0,1\ta\nLeaks to dev.\t0\tb\nleaks, to TEST\t0\tc\nKept\t0,1\td\n")
        archive.writestr("dev.tsv", "leaks to dev\t2\te\n")
    (folder / "goemotions_test.tsv.gz").write_bytes(gzip.compress(b"Leaks to test\t2\tf\n"))
    (folder / "isear.csv.gz").write_bytes(gzip.compress(b"label,text\nguilt,I lied.\njoy,[ No response.]\n"))
    with zipfile.ZipFile(folder / "emotion_tweets.zip", "w") as archive:
        archive.writestr("train.txt", "i love it;love\nleaks to test;joy\n")
        archive.writestr("val.txt", "i am afraid;fear\n")
    learnt = read_training(tmp_path)
    assert learnt.texts == ["Kept!", "I lied.", "i love it", "i am afraid"]
    assert [[CLASSES[i] for i in np.flatnonzero(row)] for row in learnt.labels] == [["happy", "sad"], ["sad"], ["happy"], ["fear"]]
    assert [int(row.sum()) for row in learnt.fine] == [2, 0, 0, 0]
    assert read_goemotions(tmp_path, "test").labels[0].argmax() == CLASSES.index("neutral")
