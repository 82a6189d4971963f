"""Make pictures of charts and PDFs of pages, each in a process of its own.

Vega (in vl-convert) and WeasyPrint take a second to load and tens of megabytes to keep. A process for each piece of work ends
with it, so the web process stays small, and what goes wrong in there costs one report. One such process runs at a time.
``python -m interview.press pictures`` reads JSON on stdin and prints JSON; ``… pdf`` reads a page and writes the PDF.
"""

from __future__ import annotations

import json
import mimetypes
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interview.limits import limit_memory, limit_seconds

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcherResponse

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
BASE = "http://static.invalid/"  # what addresses in a page are relative to; only the files of STATIC and data: are behind it
STATIC_URL = f"{BASE}static/"
DATA_URL = "data:image/svg+xml"
PATIENCE_SECONDS = 20.0  # for the turn
WORK_SECONDS = 120  # for one piece of work, by the clock and of the processor
PDF_MB = 2000  # of address space; Vega's engine reserves more than it ever uses, so pictures have no such limit
MISSING_LIBRARY = 3  # exit status

BUSY = "Another report is just being made. Please try again in a moment."
MISSING = (
    "A PDF cannot be made here, because WeasyPrint or the libraries that it needs (Pango) are not installed. "
    "The page itself can be printed, or saved as PDF, from your browser."
)
FAILED = "It could not be made. The page of the answer has everything that would be in it."

_turn = threading.BoundedSemaphore(1)


class PressError(Exception):
    """Say why nothing could be made, in a sentence of the catalogue."""


def pictures(charts: Mapping[str, Mapping[str, Any]], locale: str) -> dict[str, str]:
    """Return the SVG of each Vega-Lite document by its name; numbers are written as ``locale`` does (d3: en-US, fr-FR).

    Raises
    ------
    PressError
        When they could not be drawn.
    """
    if not charts:
        return {}
    return dict(json.loads(_work("pictures", json.dumps({"charts": charts, "locale": locale}).encode())))


def pdf(page: str) -> bytes:
    """Return a page as PDF. It may use the files of ``static/`` and pictures that stand in it; nothing else is fetched.

    Raises
    ------
    PressError
        When it could not be made, as where Pango is missing.
    """
    return _work("pdf", page.encode())


def _work(what: str, given: bytes) -> bytes:
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise PressError(BUSY)
    try:
        done = subprocess.run([sys.executable, "-m", "interview.press", what], input=given, capture_output=True, check=False, timeout=WORK_SECONDS, cwd=ROOT)
    except subprocess.TimeoutExpired as error:
        raise PressError(FAILED) from error
    finally:
        _turn.release()
    if done.returncode == MISSING_LIBRARY:
        raise PressError(MISSING)
    if done.returncode:
        raise PressError(FAILED) from RuntimeError(f"exit status {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def _draw(given: bytes) -> bytes:
    import vl_convert

    told = json.loads(given)
    return json.dumps({n: vl_convert.vegalite_to_svg(c, allowed_base_urls=[], format_locale=told["locale"]) for n, c in told["charts"].items()}).encode()


def _print(given: bytes) -> bytes:
    limit_memory(PDF_MB)
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:  # OSError: cffi does not find Pango
        print(error, file=sys.stderr)
        sys.exit(MISSING_LIBRARY)

    class Fetcher(URLFetcher):
        """Give out what ``fetched`` allows; WeasyPrint leaves out what is refused."""

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            if url.startswith(DATA_URL):
                return super().fetch(url)
            return fetched(url)

    document = weasyprint.HTML(string=given.decode(), base_url=BASE, url_fetcher=Fetcher(allowed_protocols=("data",), allow_redirects=False))
    return bytes(document.write_pdf(pdf_tags=True))


def fetched(url: str) -> URLFetcherResponse:
    """Return a file of ``static/`` by its address in a page.

    Raises
    ------
    ValueError
        For every other address.
    """
    from weasyprint.urls import URLFetcherResponse

    path = (STATIC / url.removeprefix(STATIC_URL).split("?")[0]).resolve()
    if not url.startswith(STATIC_URL) or not path.is_relative_to(STATIC) or not path.is_file():
        raise ValueError(f"not fetched: {url}")
    return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": mimetypes.guess_type(path.name)[0] or "application/octet-stream"})


WORK: dict[str, Callable[[bytes], bytes]] = {"pictures": _draw, "pdf": _print}


def main(what: str) -> None:
    """Do one piece of work from stdin to stdout."""
    limit_seconds(WORK_SECONDS)
    sys.stdout.buffer.write(WORK[what](sys.stdin.buffer.read()))
    sys.stdout.flush()
    os._exit(0)  # Pango's objects, let go in the order in which Python ends, crash one process in ten, when all is written


if __name__ == "__main__":
    main(sys.argv[1])
