import json
from pathlib import Path

import pytest

from core.analysis import TRAITS, Analysis
from core.errors import InputError
from core.manifest import sha256_of
from text.__main__ import main
from text.predict import LEAST_WORDS, MOVED_SHOWN, analyze, analyze_text, versions
from text.style import trait_tokens

FRENCH = "Bonjour, je suis très heureux de vous rencontrer aujourd’hui et de parler de mon travail dans cette entreprise. "


@pytest.fixture(scope="module")
def analysis(answer: Path) -> Analysis:
    return analyze(answer)


def test_every_trait_is_a_probability_inside_its_interval(analysis: Analysis) -> None:
    assert tuple(analysis.traits) == TRAITS
    for trait in analysis.traits.values():
        assert 0 < trait.low <= trait.probability <= trait.high < 1
        assert (trait.evidence == "weak") == (trait.low <= 0.5 <= trait.high)


def test_every_trait_names_the_words_that_moved_it(analysis: Analysis) -> None:
    assert analysis.text is not None
    tokens = " ".join(token.lower() for token in trait_tokens(analysis.text))
    for trait in analysis.traits.values():
        sizes = [abs(word.effect) for word in trait.words]
        assert 0 < len(sizes) <= MOVED_SHOWN and sizes == sorted(sizes, reverse=True)
        assert all(word.word in tokens for word in trait.words)


def test_spoken_words_have_traits_nearer_to_the_average_and_with_wider_intervals(analysis: Analysis) -> None:
    assert analysis.text is not None
    said = analyze_text(analysis.text, spoken=True)
    for name, trait in analysis.traits.items():
        assert abs(said.traits[name].probability - 0.5) <= abs(trait.probability - 0.5) + 0.02
        assert said.traits[name].high - said.traits[name].low > trait.high - trait.low
    few = " ".join(analysis.text.split()[: 4 * LEAST_WORDS - 10])
    assert analyze_text(few).traits and not analyze_text(few, spoken=True).traits


def test_traits_do_not_share_a_whole(analysis: Analysis) -> None:
    assert sum(trait.probability for trait in analysis.traits.values()) > 1.2


def test_a_shorter_text_says_less(answer: Path, analysis: Analysis) -> None:
    words = answer.read_text(encoding="utf-8").split()
    short = analyze_text(" ".join(words[:80]))
    assert all(short.traits[name].high - short.traits[name].low > analysis.traits[name].high - analysis.traits[name].low for name in TRAITS)
    assert any("short" in warning for warning in short.warnings)


def test_the_same_text_gives_the_same_result(answer: Path, analysis: Analysis) -> None:
    assert analyze(answer).traits == analysis.traits
    assert analyze_text(answer.read_text(encoding="utf-8")).traits == analysis.traits


def test_source_and_models_are_named(answer: Path, analysis: Analysis) -> None:
    assert (analysis.source.name, analysis.source.sha256) == (answer.name, sha256_of(answer))
    assert analysis.models == versions()
    assert set(analysis.models) == {"traits", "emotions"}
    assert analyze(answer, name="mine.txt").source.name == "mine.txt"


def test_sentences_are_places_in_the_text(analysis: Analysis) -> None:
    assert analysis.text is not None
    assert len(analysis.sentences) == analysis.facts["sentences"].value
    assert all(analysis.text[s.start : s.end].strip() for s in analysis.sentences)


def test_words_are_counted_by_lemma_and_shown_as_written(analysis: Analysis) -> None:
    counts = [word.count for word in analysis.words]
    assert counts == sorted(counts, reverse=True)
    assert (analysis.words[0].word, analysis.words[0].shown) == ("ant", "ants")
    assert not {"the", "i", "not", "number"} & {word.word for word in analysis.words}


def test_facts_are_what_a_reader_counts() -> None:
    facts = analyze_text("I think we did well. Maybe I was lucky, but my team wasn't: it's theirs.").facts
    assert {name: fact.value for name, fact in facts.items()} == {
        "words": 15,
        "sentences": 2,
        "sentence_length": 7.5,
        "i_share": round(3 / 17, 4),
        "we_share": round(1 / 17, 4),
        "hedges": 2,
        "passives": 0,
        "examples": 0,
    }
    assert all(fact.definition and fact.source for fact in facts.values())


def test_below_fifty_words_there_are_words_and_facts_but_no_traits() -> None:
    words = ("I was asked to lead a small team for the first time and I did not know how to begin. " * 3).split()
    few = analyze_text(" ".join(words[: LEAST_WORDS - 1]))
    assert not few.traits and few.words and few.facts
    assert "49 words" in few.warnings[0]
    assert analyze_text(" ".join(words[:LEAST_WORDS])).traits


def test_another_language_gets_no_traits_and_says_why() -> None:
    french = analyze_text(FRENCH * 10)
    assert french.language == "fr"
    assert not french.traits and french.words and french.facts
    assert "English" in french.warnings[0]


@pytest.mark.parametrize("text", ["", " \n ", "12 34 56", "?!"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no text"):
        analyze_text(text)


def test_strange_texts_are_survived() -> None:
    for text in ("word" * 20_000, "🙂 yes " * 60, "a\u0301b " * 60, "I." * 60, "'" * 500 + "x", "no-" * 200 + "no"):
        assert analyze_text(text).facts["words"].value


def test_progress_rises_to_the_end(answer: Path) -> None:
    steps: list[tuple[str, float]] = []
    analyze(answer, lambda stage, share: steps.append((stage, share)))
    shares = [share for _, share in steps]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert all(stage for stage, _ in steps)


def test_the_terminal_prints_the_analysis_and_nothing_else(answer: Path, analysis: Analysis, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(answer), "--json"]) == 0
    printed = Analysis.from_json(capsys.readouterr().out)
    assert printed.traits == analysis.traits
    assert main(["predict", str(answer)]) == 0
    assert "openness" in capsys.readouterr().out


def test_an_input_error_is_one_sentence_and_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    assert main(["predict", str(tmp_path / "a.txt"), "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.splitlines() == ["The file is empty."]
    assert main(["predict", str(tmp_path / "missing.txt")]) == 1


@pytest.mark.parametrize("arguments", [[], ["predict"], ["predict", "--list", "a.csv"], ["predict", "a.txt", "--list", "a.csv", "--csv", "b.csv"]])
def test_wrong_use_is_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_a_list_becomes_a_table_in_its_order(tmp_path: Path, answer: Path, analysis: Analysis) -> None:
    text = answer.read_text(encoding="utf-8").replace('"', '""')
    (tmp_path / "list.csv").write_text(f'id,text\nb,"{text}"\na,short one\nc,\n', encoding="utf-8")
    assert main(["predict", "--list", str(tmp_path / "list.csv"), "--csv", str(tmp_path / "out.csv")]) == 0
    header, *rows = [line.split(",") for line in (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()]
    assert header[:6] == ["id", *TRAITS]
    assert [row[0] for row in rows] == ["b", "a", "c"]
    assert [float(p) for p in rows[0][1:6]] == pytest.approx([trait.probability for trait in analysis.traits.values()], abs=1e-3)
    assert all(0 < float(p) < 1 for row in rows for p in row[1:6])


def test_a_list_without_its_columns_is_an_input_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list.csv").write_text("name,words\na,b\n", encoding="utf-8")
    assert main(["predict", "--list", str(tmp_path / "list.csv"), "--csv", str(tmp_path / "out.csv")]) == 1
    assert "id and text" in capsys.readouterr().err


def test_the_json_is_valid_json(analysis: Analysis) -> None:
    assert json.loads(analysis.to_json())["modality"] == "text"
