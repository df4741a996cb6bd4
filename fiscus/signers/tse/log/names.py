"""The names of log files in an export: what a message says of itself, written on its outside."""

import re

import msgspec

from fiscus.signers.tse.log.logtime import PREFIXES, LogTime, TimeFormat
from fiscus.signers.tse.log.messages import Log, LogOperation, SystemLog, TransactionLog

_FORMATS = {prefix: form for form, prefix in PREFIXES.items()}

_NAME = re.compile(
    r"(?P<form>Unixt|Utc|Gent)_(?P<time>[0-9]{1,20}(?:\.[0-9]{1,9})?Z?)_Sig-(?P<counter>0|[1-9][0-9]{0,18})_Log-"
    r"(?:Tra_No-(?P<number>0|[1-9][0-9]{0,18})_(?P<operation>Start|Update|Finish)_Client-(?P<client>.+?)"
    r"|Sys_(?P<event>[A-Za-z0-9]+)|(?P<audit>Aud))"
    r"(?:_Fc-(?P<copy>[1-9][0-9]{0,8}))?\.log"
)


class LogName(msgspec.Struct, frozen=True, kw_only=True):
    """A log file's name, taken apart. `copy` counts earlier files of the same name."""

    time: LogTime
    counter: int
    number: int | None = None
    operation: LogOperation | None = None
    client_id: str = ""
    event: str = ""
    copy: int = 0

    def text(self) -> str:
        return f"{self._stem()}{f'_Fc-{self.copy}' if self.copy else ''}.log"

    def _stem(self) -> str:
        head = f"{PREFIXES[self.time.format]}_{self.time.text}_Sig-{self.counter}_Log-"
        if self.operation is not None:
            return f"{head}Tra_No-{self.number}_{self.operation}_Client-{self.client_id}"
        return f"{head}Sys_{self.event}" if self.event else f"{head}Aud"


def name_of(log: Log, copy: int = 0) -> LogName:
    """The name the guideline gives to a message."""
    time, counter = log.proof.time, log.proof.counter
    if isinstance(log, TransactionLog):
        return LogName(
            time=time,
            counter=counter,
            number=log.number,
            operation=log.operation,
            client_id=log.client_id,
            copy=copy,
        )
    event = log.event if isinstance(log, SystemLog) else ""
    return LogName(time=time, counter=counter, event=event, copy=copy)


def parse(name: str) -> LogName | None:
    """The name taken apart, or None if it is not the name of a log file."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    form = _FORMATS[found["form"]]
    if (form is TimeFormat.UNIX) == found["time"].endswith("Z"):
        return None
    return LogName(
        time=LogTime(form, found["time"]),
        counter=int(found["counter"]),
        number=int(found["number"]) if found["number"] else None,
        operation=LogOperation(found["operation"]) if found["operation"] else None,
        client_id=found["client"] or "",
        event=found["event"] or "",
        copy=int(found["copy"] or 0),
    )
