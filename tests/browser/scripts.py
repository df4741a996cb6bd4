"""The scripts of the pages alone: served with the headers of pages, and called from tests."""

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any

from playwright.sync_api import Browser

from fiscus.console import rendering
from fiscus.console.answers import HEADERS
from tests.browser.watching import WatchedPage, watched

BLANK = b"""<!doctype html><html lang=en><title>scripts</title>
<link rel=icon href=/static/icon.svg><main id=main></main>"""


class ScriptsHandler(BaseHTTPRequestHandler):
    """Answers a blank page, and the files of the pages under their own names."""

    protocol_version = "HTTP/1.1"
    pages: Mapping[str, bytes] = {"/": BLANK}

    def do_GET(self) -> None:
        name = self.path.removeprefix("/static/")
        content = self.pages.get(self.path) or rendering.files().get(name)
        kind = rendering.TYPES.get(PurePosixPath(name).suffix, "text/html; charset=utf-8")
        self.send_response(200 if content is not None else 404)
        for header, value in (HEADERS | {"Content-Type": kind}).items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the browser tells what it was refused."""


class Scripts:
    """A page from which the modules of `static/` are called. Bytes are handed over as Base64."""

    def __init__(self, visitor: WatchedPage) -> None:
        self.visitor = visitor
        self.page = visitor.page
        visitor.open("/")

    def run(self, code: str, **given: Any) -> Any:
        """The value of the body of an async function; `load("keys")` gives a module of `verify/`,
        `bytes(text)` the bytes behind Base64, `given` what is given here."""
        script = """async (given) => {
            const load = (name) => import(`/static/verify/${name}.js`);
            const bytes = (await load("bytes")).fromBase64;
            %s
        }"""
        return self.page.evaluate(script % code, given)


@contextmanager
def scripts(chromium: Browser) -> Iterator[Scripts]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), ScriptsHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = chromium.new_context(timezone_id="Europe/Berlin")
    try:
        with watched(context, f"http://localhost:{server.server_port}") as visitor:
            yield Scripts(visitor)
    finally:
        context.close()
        server.shutdown()
        server.server_close()
        thread.join()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
