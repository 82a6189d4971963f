import re
from pathlib import Path

import pytest

from interview.settings import SettingError, read, table

ROOT = Path(__file__).resolve().parents[2]


def test_config_comes_before_the_environment_before_the_default():
    assert read({}, {})["PORT"] == 5000
    assert read({}, {"PORT": "5001"})["PORT"] == 5001
    assert read({"PORT": 5002}, {"PORT": "5001"})["PORT"] == 5002


def test_the_instance_folder_is_absolute():
    assert read({}, {})["INSTANCE"] == str(ROOT / "instance")
    assert read({}, {"INSTANCE": "/srv/interview"})["INSTANCE"] == "/srv/interview"


@pytest.mark.parametrize(("name", "value"), [("PORT", "http"), ("UPLOAD_MB", "-1"), ("SECURE_COOKIES", "perhaps"), ("ENGINE", "torch"), ("LOG_LEVEL", "LOUD")])
def test_a_wrong_value_is_told_by_name(name, value):
    with pytest.raises(SettingError, match=name):
        read({}, {name: value})


def test_every_setting_that_the_code_reads_is_in_the_table():
    code = "".join(path.read_text() for path in [*ROOT.glob("interview/*.py"), ROOT / "app.py"])
    asked = set(re.findall(r"config\[\"([A-Z_]+)\"\]", code))
    flasks = {"ANALYZE", "SESSION_COOKIE_SECURE"}
    assert asked - flasks <= {setting.name for setting in table()}


def test_every_setting_says_what_it_does_in_one_sentence():
    for setting in table():
        assert setting.help.endswith(".")
        assert "\n" not in setting.help


def test_readme_shows_every_setting_with_its_default():
    readme = (ROOT / "README.md").read_text()
    for setting in table():
        default = int(setting.default) if isinstance(setting.default, bool) else setting.default
        row = re.search(rf"^\| `{setting.name}` \|(.*)$", readme, re.MULTILINE)
        assert row, f"{setting.name} is not in README.md"
        assert str(default) in row[1] or default == ""
