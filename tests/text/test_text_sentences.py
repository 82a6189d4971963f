from itertools import pairwise

import pytest

from text.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I came. I saw! Did I win?", ["I came.", "I saw!", "Did I win?"]),
        ("Dr. Smith of the U.S. office called, e.g. on Monday. Good.", ["Dr. Smith of the U.S. office called, e.g. on Monday.", "Good."]),
        ("It cost 3.50 in all. J. R. Tolkien wrote.", ["It cost 3.50 in all.", "J. R. Tolkien wrote."]),
        ("It was him, not I. Then he left.", ["It was him, not I.", "Then he left."]),
        ("Well... maybe so. Yes", ["Well... maybe so.", "Yes"]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("A title\n\nThe text goes\non here.", ["A title", "The text goes\non here."]),
        ("Things:\n- one\n- two", ["Things:", "- one", "- two"]),
        ("...!? \n\n ***", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_spans_rise_without_overlap_and_hold_every_letter() -> None:
    text = "One. Two three\nfour!\n\n Five? six… Seven"
    spans = sentence_spans(text)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert [c for c in kept if c.isalpha()] == [c for c in text if c.isalpha()]
