"""README and model cards say what the metrics, the manifests and the settings say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core import documents as generated
from interview import documents, settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINK = re.compile(r"!?\[[^\]]*\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)")


def test_generated_documents_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert documents.main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", generated.FOLDERS)
def test_a_card_shows_every_figure_with_interval_n_and_protocol(name: str) -> None:
    folder = ROOT / "models" / name
    card = (folder / generated.CARD).read_text(encoding="utf-8")
    for figure in generated.read_metrics(folder)["figures"].values():
        shown = f"| {figure['value']:.3f} | {figure['low']:.3f} – {figure['high']:.3f} | {figure['n']:,} |"
        assert f"{figure['name']} {shown}" in card
        assert f"{figure['name']} {shown}" in README
        protocol = f"{generated.cell(figure['protocol'])} ({figure['interval']})"
        assert protocol in card
        assert protocol in README
    for title in ("Purpose", "Data and terms", "Limits", "Not to be used for"):
        assert f"## {title}" in card


def test_every_setting_is_in_the_readme() -> None:
    for setting in settings.table():
        assert f"| `{setting.name}` |" in README
        assert setting.help in README


def test_links_of_the_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "tests" / "data" / "README.md", *ROOT.glob("models/*/card.md")]:
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"


def test_commands_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
    for module in set(re.findall(r"\bpython -m ([\w.]+\w)", README)):
        path = ROOT / module.replace(".", "/")
        assert (path / "__main__.py").is_file() or path.with_suffix(".py").is_file(), f"python -m {module}"


def test_the_readme_shows_what_the_terminal_really_prints() -> None:
    clip = ROOT / "tests" / "data" / "v02_talk_man_portrait_20s.mp4"
    done = subprocess.run([sys.executable, "app.py", "analyze", str(clip)], cwd=ROOT, capture_output=True, text=True, check=True)
    shown = README.split("```text\n")[1].split("```")[0].splitlines()
    assert len(shown) > 5
    assert [line for line in shown if line not in done.stdout.splitlines()] == []


def test_ci_script_is_executable() -> None:
    for name in ("run", "system", "environment", "audit"):
        assert os.access(ROOT / ".ci" / name, os.X_OK), name


def test_a_table_shows_every_kind_of_value() -> None:
    row = ["a|b", 0.5, 12_345, None, [48, 48, 1], {"unclear": 0.56}]
    assert generated.markdown_table("ABCDEF", [row]).splitlines()[2] == "| a\\|b | 0.500 | 12,345 | – | 48, 48, 1 | unclear: 0.560 |"


def test_a_block_is_replaced_and_nothing_else() -> None:
    before = "a\n<!-- begin: x -->\nold\n<!-- end: x -->\nb\n<!-- begin: y -->\nkept\n<!-- end: y -->\n"
    after = generated.with_block(before, "x", r"new \1")
    assert after == before.replace("\nold\n", "\n\nnew \\1\n\n")
    with pytest.raises(ValueError, match="begin: z"):
        generated.with_block(before, "z", "new")


def test_a_changed_figure_makes_the_check_fail(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    path.write_text("0.5\n", encoding="utf-8")
    assert generated.differing({path: "0.5\n"}) == []
    assert generated.differing({path: "0.6\n"}) == [path]
    assert generated.write({path: "0.6\n"}) == [path]
    assert path.read_text(encoding="utf-8") == "0.6\n"
