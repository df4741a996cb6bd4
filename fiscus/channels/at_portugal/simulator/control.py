"""The control page of a simulated authority that runs by itself: faults on demand, what it knows.

Plain HTTP on this machine. It is no part of the authority: what is done here is what only a test
can do to it.
"""

import json
import logging
import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from fiscus.channels.at_portugal.simulator import faults, listing, permissions
from fiscus.channels.at_portugal.simulator.faults import MEANINGS, BadFault, FaultKind, FaultOrder

HOST = "127.0.0.1"
BODY_MAX = 64 * 1024

log = logging.getLogger(__name__)


class ControlServer(ThreadingHTTPServer):
    """Serves the control page of one folder."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        super().__init__((HOST, port), ControlRequest)


def fault_order(said: Mapping[str, Any]) -> FaultOrder:
    """An order from JSON or a form. Raises `BadFault`."""
    strange = set(said) - set(FaultOrder.__dataclass_fields__)
    if strange:
        raise BadFault(f"an order has no {', '.join(sorted(strange))}")
    try:
        times = said.get("times", 1)
        return FaultOrder(
            kind=FaultKind(said["kind"]),
            operation=str(said.get("operation") or ""),
            moment=str(said.get("moment") or ""),
            times=None if times in (None, "", "always") else int(times),
            probability=Decimal(str(said.get("probability", 1))),
            seed=int(said.get("seed") or 0),
            argument=str(said.get("argument") or ""),
        )
    except KeyError:
        raise BadFault("an order has a kind") from None
    except (TypeError, ValueError, ArithmeticError) as trouble:
        raise BadFault(str(trouble)) from trouble


class ControlRequest(BaseHTTPRequestHandler):
    """One request to the control page."""

    server_version = "FiscusTestControl"
    sys_version = ""
    timeout = 30
    server: ControlServer

    def do_GET(self) -> None:
        if not self._is_local():
            return
        folder = self.server.folder
        match self.path:
            case "/":
                self._send(200, "text/html; charset=utf-8", _page(folder).encode())
            case "/faults":
                self._json(200, faults.ordered(folder))
            case "/known":
                self._json(200, listing.listed(folder))
            case _:
                self._json(404, {"error": "there are /, /faults and /known"})

    def do_POST(self) -> None:
        if not self._is_local():
            return
        try:
            said, is_form = self._said()
            if self.path == "/permissions":
                permissions.narrow(
                    self.server.folder, str(said["username"]), str(said.get("profiles", ""))
                )
                self._json(200, {"username": said["username"]})
                return
            if self.path == "/activity":
                nif, is_open = str(said["nif"]), said.get("open") is True
                permissions.set_activity(self.server.folder, nif, is_open=is_open)
                self._json(200, {"nif": nif, "open": is_open})
                return
            if self.path != "/faults":
                self._json(404, {"error": "orders go to /faults, /permissions or /activity"})
                return
            number = faults.order(self.server.folder, fault_order(said))
        except (BadFault, KeyError, json.JSONDecodeError, UnicodeDecodeError) as trouble:
            self._json(400, {"error": str(trouble)})
            return
        if is_form:
            self.send_response(303)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._json(201, {"id": number})

    def do_DELETE(self) -> None:
        if not self._is_local():
            return
        folder, _, number = self.path.lstrip("/").partition("/")
        if folder != "faults" or not (number.isdecimal() or not number):
            self._json(404, {"error": "what is taken back is /faults or /faults/<id>"})
            return
        faults.take_back(self.server.folder, int(number) if number else None)
        self._json(200, faults.ordered(self.server.folder))

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)

    def _is_local(self) -> bool:
        """No page of the web may steer it through somebody's browser."""
        host = self.headers.get("Host", "")
        origin = self.headers.get("Origin", f"http://{host}")
        if host.rpartition(":")[0] in (HOST, "localhost") and origin == f"http://{host}":
            return True
        self._json(403, {"error": "only from this machine"})
        return False

    def _said(self) -> tuple[Mapping[str, Any], bool]:
        length = min(int(self.headers.get("Content-Length") or 0), BODY_MAX)
        text = self.rfile.read(length).decode()
        media = self.headers.get_content_type()  # curl calls JSON a form unless told otherwise
        if media == "application/x-www-form-urlencoded" and not text.lstrip().startswith("{"):
            return {name: value for name, value in parse_qsl(text) if value}, True
        said = json.loads(text)
        if not isinstance(said, dict):
            raise BadFault("an order is a JSON object")
        return said, False

    def _json(self, status: int, value: Any) -> None:
        self._send(status, "application/json", (json.dumps(value, indent=2) + "\n").encode())

    def _send(self, status: int, media: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _page(folder: Path) -> str:
    try:
        orders, found = faults.ordered(folder), listing.listed(folder)
    except sqlite3.OperationalError as trouble:
        orders, found = [], {"series": [{"error": str(trouble)}], "documents": [], "requests": []}
    kinds = "".join(
        f"<option value='{kind}'>{kind}: {escape(text)}</option>" for kind, text in MEANINGS.items()
    )
    fields = "".join(
        f"<label>{name} <input name='{name}' placeholder='{hint}'></label> "
        for name, hint in (
            ("operation", "all"),
            ("moment", "before / after"),
            ("times", "1 / always"),
            ("probability", "1"),
            ("seed", "0"),
            ("argument", ""),
        )
    )
    return (
        "<!doctype html><meta charset='utf-8'><title>TEST authority</title>"
        "<style>body{font:15px sans-serif;margin:2em}table{border-collapse:collapse}"
        "td,th{border:1px solid #bbb;padding:2px 8px;text-align:left}</style>"
        "<h1>TEST: the simulated tax authority</h1><p>Nothing here has legal effect.</p>"
        f"<form method='post' action='/faults'><select name='kind'>{kinds}</select> {fields}"
        "<button>Order</button></form>"
        f"<h2>Faults</h2>{_table(orders)}"
        + "".join(f"<h2>{name.title()}</h2>{_table(rows)}" for name, rows in found.items())
    )


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row.values()) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"
