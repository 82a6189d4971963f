"""What tests/conftest.py promises: CI skips nothing, and the browser comes last."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
EXAMPLE = """
import pytest

@pytest.mark.browser
def test_pages():
    pass

@pytest.mark.skip(reason="no camera here")
def test_camera():
    pass

@pytest.mark.xfail
def test_known_limit():
    assert False

def test_fine():
    pass
"""


@pytest.fixture
def report(tmp_path: Path):
    def run(content: str, ci: bool) -> tuple[int, str]:
        shutil.copy(CONFTEST, tmp_path)
        (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = browser: drives a real Chromium\n")
        (tmp_path / "test_example.py").write_text(content)
        environment = {name: value for name, value in os.environ.items() if name != "CI"} | ({"CI": "true"} if ci else {})
        done = subprocess.run([sys.executable, "-m", "pytest", "-rsf", "-v", tmp_path], check=False, capture_output=True, text=True, env=environment)
        return done.returncode, done.stdout

    return run


def test_a_skip_says_why(report) -> None:
    status, output = report(EXAMPLE, ci=False)
    assert status == 0
    assert "no camera here" in output
    assert "2 passed, 1 skipped, 1 xfailed" in output


def test_a_skip_fails_in_ci(report) -> None:
    status, output = report(EXAMPLE, ci=True)
    assert status == 1
    assert "CI skips nothing, and this was skipped: Skipped: no camera here" in output
    assert "2 passed, 1 xfailed, 1 error" in output  # marked skips are reported by the setup, so the failure is an error


def test_a_module_that_skips_itself_fails_in_ci(report) -> None:
    content = 'import pytest\npytest.importorskip("no_such_module")\n'
    assert report(content, ci=False)[0] == 5  # nothing was collected
    status, output = report(content, ci=True)
    assert status not in (0, 5)
    assert "CI skips nothing" in output


def test_the_browser_comes_last(report) -> None:
    output = report(EXAMPLE, ci=False)[1]
    assert output.index("test_fine PASSED") < output.index("test_pages PASSED")
