import zipfile
from pathlib import Path

import pypdf
import pytest

from core.errors import InputError
from text import documents as reading
from text.documents import clean, read_document

SENTENCE = "It was a café in Zürich where we agreed – “never again” – and wrote it down; "


def docx_of(path: Path, build: bool = True) -> Path:
    import docx

    document = docx.Document()
    document.add_paragraph("Before the table.")
    table = document.add_table(2, 2)
    for i, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"Cell {i}."
    table.cell(0, 0).merge(table.cell(0, 1))
    document.add_paragraph("After the table.")
    document.save(str(path))
    return path


def test_columns_are_read_one_after_the_other_with_words_whole(documents: Path) -> None:
    text = read_document(documents / "multicolumn_ligatures.pdf")
    assert "two columns filled with Lorem Ipsum text" in text
    assert "ﬁ" not in text
    assert "consectetuer adipiscing elit" in text
    assert "Proin fermentum massa" in " ".join(text.split())


def test_words_of_a_pdf_are_apart_where_only_their_places_say_so(documents: Path) -> None:
    text = read_document(documents / "coverletter.pdf")
    assert "Be the change that you want to see in the world." in text
    assert "Aliquam adipiscing nibh" in text


def test_a_word_document_is_read_in_its_order_and_a_merged_cell_once(tmp_path: Path) -> None:
    lines = read_document(docx_of(tmp_path / "a.bin")).splitlines()
    assert [line for line in lines if line] == ["Before the table.", "Cell 0.", "Cell 1.", "Cell 2.", "Cell 3.", "After the table."]


def test_real_word_documents_with_tables_are_read(documents: Path) -> None:
    assert "Authentication" in read_document(documents / "text_in_table.docx")
    assert "AutoGen is an open-source framework" in read_document(documents / "paper_with_table.docx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_plain_text_is_read_in_any_common_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "letter"
    path.write_bytes((SENTENCE * 5).encode(encoding))
    assert read_document(path) == (SENTENCE * 5).strip()


def protected(path: Path, source: Path) -> Path:
    writer = pypdf.PdfWriter(clone_from=source)
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(path)
    return path


def test_a_password_has_its_own_sentence(tmp_path: Path, documents: Path) -> None:
    with pytest.raises(InputError, match="password"):
        read_document(protected(tmp_path / "a.pdf", documents / "multicolumn_ligatures.pdf"))


def test_a_pdf_that_only_forbids_printing_is_read(tmp_path: Path, documents: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=documents / "multicolumn_ligatures.pdf")
    writer.encrypt("", "owner", algorithm="AES-256")
    writer.write(tmp_path / "a.pdf")
    assert "Lorem" in read_document(tmp_path / "a.pdf")


def test_a_scan_has_its_own_sentence(documents: Path) -> None:
    with pytest.raises(InputError, match="pictures of pages but no text"):
        read_document(documents / "scan_image_only.pdf")


def test_a_cut_off_document_has_a_sentence(tmp_path: Path, documents: Path) -> None:
    for name in ("multicolumn_ligatures.pdf", "paper_with_table.docx"):
        path = tmp_path / name
        path.write_bytes((documents / name).read_bytes()[:3000])
        with pytest.raises(InputError, match="damaged|no text"):
            read_document(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b" \n\t ", "no text"),
        (b"12 + 34 = 46", "no text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "neither a PDF"),
        (b"\x1aE\xdf\xa3" + bytes(range(255, -1, -1)) * 40, "neither a PDF"),
        (b"%PDF-1.7 and nothing else", "damaged"),
    ],
)
def test_what_is_no_document_has_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "lying.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        read_document(path)


def test_a_zip_that_is_no_word_document_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(InputError, match="neither a PDF"):
        read_document(tmp_path / "a.docx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(InputError, match="MB"):
        read_document(docx_of(tmp_path / "a.docx"))


def test_limits_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documents: Path) -> None:
    monkeypatch.setattr(reading, "MAX_CHARACTERS", 100)
    with pytest.raises(InputError, match="100 characters"):
        clean("word " * 21)
    with pytest.raises(InputError, match="100 characters"):
        read_document(documents / "multicolumn_ligatures.pdf")
    monkeypatch.setattr(reading, "MAX_PAGES", 2)
    monkeypatch.setattr(reading, "MAX_CHARACTERS", 10**6)
    with pytest.raises(InputError, match="2 pages"):
        read_document(documents / "multicolumn_ligatures.pdf")
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    with pytest.raises(InputError, match="MB"):
        read_document(documents / "multicolumn_ligatures.pdf")


def test_cleaning_takes_control_characters_and_spare_space_away() -> None:
    assert clean("A\x00 b\u00a0\u00a0c\r\n\r\n\r\n\r\nd\u00ade") == "A b c\n\nde"
