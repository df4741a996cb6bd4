"""Which option or argument a neutral field of a fault is on the command line."""

import re

import msgspec

from fiscus.model.faults import Fault

_OPTIONS = {
    "regime": "REGIME",
    "chart": "CHART",
    "target": "TARGET",
    "job": "JOB",
    "after": "--after",
    "first": "--from",
    "last": "--to",
    "taxpayer": "--taxpayer",
    "location": "--location",
    "register": "--register",
    "registers": "--system",
    "period": "--from",
    "period.last": "--to",
    "endpoint_url": "URL",
    "event_types": "TYPE",
    "headers": "--header",
    "endpoint_auth": "--auth",
    "document_type": "TYPE",
    "name": "NAME",
    "last_number": "--last-number",
    "last_hash": "--last-hash",
    "last_date": "--last-date",
    "last_entry": "--last-entry-date",
    "reporting": "--reporting",
    "reason": "--reason",
    "month": "MONTH",
    "type": "--as",
    "reference": "--reference",
}
_PATH = re.compile(r"([a-z_.]+)(\[[0-9]+\])?( .*)?")
_FORMAT_SETTING = re.compile(r"formats\.([^. ]+)\.([^. ]+)")
_OF_FILES = "BOOKS-WRITE-"
"""Codes of what is asked for a file of the books, whose settings `fiscus books set` sets."""


def in_options(fault: Fault) -> Fault:
    """The same fault at what was typed. What a law says is about facts, and keeps their names."""
    if fault.law:
        return fault
    option = _setting if fault.code.startswith(_OF_FILES) else _option
    return msgspec.structs.replace(fault, paths=tuple(map(option, fault.paths)))


def _setting(path: str) -> str:
    found = _FORMAT_SETTING.fullmatch(path)
    return f"{found[2]}=… (fiscus books set {found[1]})" if found else _option(path)


def _option(path: str) -> str:
    found = _PATH.fullmatch(path.replace("headers.", "headers ", 1))
    if found is None or found[1] not in _OPTIONS:
        return path
    return _OPTIONS[found[1]] + (found[2] or "") + (found[3] or "")
