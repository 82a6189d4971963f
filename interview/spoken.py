"""What was said, as a text with times: its facts, its sentences on the timeline, and what becomes of it when the person corrects it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from core.analysis import TIME_DECIMALS, UNCLEAR, Analysis, Fact, Moment, SpokenWord, Transcript, rounded, summarise

STEP = 0.5  # s, of the words' timeline
CLEAR = 0.5  # probability of a word; below, it was not heard clearly
FILLERS = frozenset(("um", "uh", "uhm", "umm", "uhh", "er", "erm", "hmm", "hm", "mm", "mhm", "ah", "eh"))
EDGES = ".,;:!?…\"'“”‘’()[]-–—"
HEARD = "heard by Whisper base (Radford et al., ICML 2023), corrected by the person where they did so"
ENGLISH = "en"
ANY_LANGUAGE = ("speaking_rate", "repeated_starts", "words", "sentences", "sentence_length")  # facts that do not look for English words
LEAST_SECONDS = 5.0  # of speech, for words a minute

FILLER_DEFINITION = "Sounds such as um and uh among the words. The transcriber leaves many of them out, so there are at least so many."


def text_of(transcript: Transcript) -> str:
    """Return the words in one line."""
    return " ".join(word.word for word in transcript.words)


def plain(word: str) -> str:
    """Return a word in small letters without the signs around it."""
    return word.strip(EDGES).lower()


def corrected(text: str, before: Transcript | None) -> Transcript:
    """Return the transcript that a person typed; words that stand in the one before keep their times, others have none."""
    words = [SpokenWord(word) for word in text.split()]
    if before is not None:
        old, new = [plain(w.word) for w in before.words], [plain(w.word) for w in words]
        for a, b, size in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
            for i in range(size):
                was = before.words[a + i]
                words[b + i].t, words[b + i].end = was.t, was.end
    return Transcript(before.language if before else ENGLISH, "corrected", words)


def facts_of(transcript: Transcript, speaking: float | None) -> dict[str, Fact]:
    """Return the facts of the words; ``speaking`` is the seconds of speech, pauses left out."""
    words = [plain(word.word) for word in transcript.words]
    fillers = [word for word, said in zip(transcript.words, words, strict=True) if said in FILLERS]
    repeats = [after for (before, after), (a, b) in zip(pairwise(transcript.words), pairwise(words), strict=True) if a and a == b]
    found = {
        "fillers": Fact(len(fillers), "count", FILLER_DEFINITION, HEARD, _times(fillers)),
        "repeated_starts": Fact(len(repeats), "count", "Words said twice in a row, as in I I wanted.", HEARD, _times(repeats)),
    }
    if speaking and speaking >= LEAST_SECONDS:
        rate = round(60 * len(words) / speaking, 1)
        return {"speaking_rate": Fact(rate, "words per minute", "Words per minute of speech, pauses not counted.", HEARD), **found}
    return found


def spans_of(transcript: Transcript, text: str) -> list[tuple[int, int]]:
    """Return where each word stands in ``text``, ``(start, end)``; an empty span where it is not found in its turn."""
    spans, place = [], 0
    for word in transcript.words:
        start = text.find(word.word, place)
        if start < 0:
            spans.append((place, place))
        else:
            place = start + len(word.word)
            spans.append((start, place))
    return spans


def sentences_of(words: Mapping[str, Any], transcript: Transcript) -> list[tuple[Mapping[str, Any], list[SpokenWord]]]:
    """Return each sentence of an analysis of the words (in its plain form) with its spoken words."""
    spans = spans_of(transcript, words["text"] or "")
    return [(s, [w for w, (a, b) in zip(transcript.words, spans, strict=True) if b > a and s["start"] <= a < s["end"]]) for s in words["sentences"]]


def timeline_of(words: Analysis, transcript: Transcript) -> list[Moment]:
    """Return a moment every half second: the probabilities of the sentence that is being said, a gap between sentences."""
    stretches = []
    for sentence, spoken in sentences_of(words.to_dict(), transcript):
        timed = [word for word in spoken if word.t is not None and word.end is not None]
        if sentence["emotions"] and timed:
            stretches.append((timed[0].t or 0.0, timed[-1].end or 0.0, sentence))
    if not stretches:
        return []
    moments = []
    for k in range(int(stretches[-1][1] / STEP) + 1):
        t = round(k * STEP, TIME_DECIMALS)
        said = next((sentence for start, end, sentence in stretches if start <= t <= end), None)
        if said is None:
            moments.append(Moment(t, gap="silence"))
        else:
            p = rounded([said["emotions"][name] for name in words.classes])
            moments.append(Moment(t, p, p, said["label"] or UNCLEAR))
    return moments


def put(analysis: Analysis, transcript: Transcript | None, words: Analysis | None) -> None:
    """Put transcript and the analysis of its words into an answer's analysis, or take them out of it."""
    analysis.transcript = transcript
    analysis.parts.pop("words", None)
    if transcript is None or words is None:
        return
    voice = analysis if analysis.modality == "audio" else analysis.parts.get("voice")
    speaking = voice.facts["speaking_time"].value if voice and "speaking_time" in voice.facts else None
    found = {**facts_of(transcript, speaking), **words.facts}
    words.facts = found if transcript.language == ENGLISH else {name: fact for name, fact in found.items() if name in ANY_LANGUAGE}
    if transcript.language == ENGLISH:
        words.warnings = []  # those of an English text speak of traits alone, and of texts; the page has its own
    words.timeline = timeline_of(words, transcript)
    if words.timeline:
        words.shares, words.most_frequent, words.coverage = summarise(words.timeline)
    analysis.parts["words"] = words


def lines_of(analysis: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the transcript of an analysis (plain form) as the page shows it: a line for each sentence, its words with their times."""
    if not analysis.get("transcript"):
        return []
    document = analysis["transcript"]
    transcript = Transcript(document["language"], document["by"], [SpokenWord(**word) for word in document["words"]])
    part = analysis["parts"].get("words")
    if part is None:
        return [_line(None, transcript.words)]
    return list(_lines(sentences_of(part, transcript)))


def _lines(sentences: Sequence[tuple[Mapping[str, Any], list[SpokenWord]]]) -> Iterator[dict[str, Any]]:
    for sentence, spoken in sentences:
        if spoken:
            yield _line(sentence, spoken)


def _line(sentence: Mapping[str, Any] | None, spoken: Sequence[SpokenWord]) -> dict[str, Any]:
    emotions = sentence["emotions"] if sentence else None
    return {
        "t": next((word.t for word in spoken if word.t is not None), None),
        "label": sentence.get("label") if sentence else None,
        "probability": max(emotions.values()) if emotions else None,
        "words": [
            {"word": w.word, "t": w.t, "end": w.end, "clear": w.probability is None or w.probability >= CLEAR, "filler": plain(w.word) in FILLERS}
            for w in spoken
        ],
    }


def _times(words: Sequence[SpokenWord]) -> list[float]:
    return [word.t for word in words if word.t is not None]
