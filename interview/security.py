"""What keeps a browser safe: headers, cookies, the secret key, CSRF tokens, and limits on how often something is asked."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

SECRET_FILE = "secret_key"
SECRET_BYTES = 32
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
COSTLY = ("reports", "desk_reports")  # whose pages take a process and seconds, and are counted though they change nothing
FORM_OVERHEAD_BYTES = 1 << 20  # the fields of a form beside its file
SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{kind} {sources}" for kind, sources in SOURCES.items()),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), display-capture=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

csrf = CSRFProtect()
limiter = Limiter(
    get_remote_address, default_limits=[lambda: current_app.config["RATE_LIMIT"]]
)  # its own: RATELIMIT_DEFAULT is read for the first application only


def secret_key(instance: Path) -> str:
    """Return the key that signs cookies, made at the first start and readable by its owner only."""
    path = instance / SECRET_FILE
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(SECRET_BYTES))
    except FileExistsError:
        pass
    return path.read_text().strip()


def flask_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return what Flask and its extensions call the settings that are about safety."""
    return {
        "SECRET_KEY": config["SECRET_KEY"] or secret_key(Path(config["INSTANCE"])),
        "SESSION_COOKIE_NAME": "interview",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config["SECURE_COOKIES"],
        "PERMANENT_SESSION_LIFETIME": timedelta(days=config["RESULT_DAYS"]),
        "MAX_CONTENT_LENGTH": config["UPLOAD_MB"] * 1_000_000 + FORM_OVERHEAD_BYTES,
        "MAX_FORM_MEMORY_SIZE": FORM_OVERHEAD_BYTES,
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_STORAGE_URI": config["QUEUE_URL"] or "memory://",
        "RATELIMIT_STRATEGY": "moving-window",  # with fixed windows, twice as many fit around the turn of a minute
        "RATELIMIT_HEADERS_ENABLED": True,
    }


def init_app(app: Flask) -> None:
    """Attach CSRF protection, rate limits on changes, and the headers of every response."""
    csrf.init_app(app)
    limiter.init_app(app)
    limiter.request_filter(lambda: request.method in SAFE_METHODS and (request.blueprint or "") not in COSTLY)
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response
