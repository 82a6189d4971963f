"""The pages around the interviews: home, about, and the health of the installation."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from interview import jobs, models
from interview.interviews import limits, retention_days
from interview.settings import table

bp = Blueprint("pages", __name__)

RELEASE = "2026.1"
PACKAGES = ("flask", "sqlalchemy", "huey", "gunicorn", "altair", "onnxruntime", "keras", "tensorflow", "av", "opencv-python-headless", "dlib-bin")
SECRET = ("SECRET_KEY", "DATABASE_URL", "QUEUE_URL", "MEDIA_URL", "MAIL_URL", "INSTANCE")


@bp.app_context_processor
def facts() -> dict[str, object]:
    return {"release": RELEASE, "settings": {**limits(), **retention_days(), "others_least": current_app.config["OTHERS_LEAST"]}}


@bp.get("/")
def home() -> ResponseReturnValue:
    return render_template("pages/home.html", limits=limits(), retention=retention_days(), others_least=current_app.config["OTHERS_LEAST"])


@bp.get("/about")
def about() -> ResponseReturnValue:
    shown = [{"name": s.name, "default": s.default, "help": s.help, "value": None if s.name in SECRET else current_app.config[s.name]} for s in table()]
    return render_template(
        "pages/about.html",
        models=models.described(),
        settings=shown,
        retention=retention_days(),
        others_least=current_app.config["OTHERS_LEAST"],
        share_inferences=current_app.config["SHARE_INFERENCES"],
    )


@bp.get("/healthz")
def health() -> ResponseReturnValue:
    return jsonify(status="ok", version=RELEASE, packages=installed(), models=models.versions(), queue=jobs.counts())


@cache
def installed() -> dict[str, str | None]:
    """Return the versions of the packages that matter, without importing them."""
    return {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
