"""Seconds and memory of checking a large audit file by the page 'Check a file':
`python -m bench.console_check --help`.

A SAF-T (PT) of the wanted size is made of numbered invoices, sent with a ticket as a browser sends
it, and judged. Looked at meanwhile: the most memory of the server and of the process that judges,
and how long a small page takes beside it.
"""

import argparse
import http.client
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.installation import SQLITE, Installation, fresh
from bench.machine import Machine, headline, machine, table

MEGABYTES = 50
SECONDS_MAX = 60.0
SERVER_GROWTH_MAX = 64 << 20
CHECKER_MAX = 256 << 20
PIECE = 1 << 16

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"><Header>
<FiscalYear>2026</FiscalYear><StartDate>2026-03-01</StartDate><EndDate>2026-03-31</EndDate>
<DateCreated>2026-04-01</DateCreated></Header><MasterFiles><Customer><CustomerID>C1</CustomerID>
</Customer><Product><ProductCode>P1</ProductCode></Product><TaxTable><TaxTableEntry>
<TaxType>IVA</TaxType><TaxCountryRegion>PT</TaxCountryRegion><TaxCode>NOR</TaxCode>
<Description>IVA</Description><TaxPercentage>23</TaxPercentage></TaxTableEntry></TaxTable>
</MasterFiles><SourceDocuments><SalesInvoices>
<NumberOfEntries>1</NumberOfEntries><TotalDebit>0.00</TotalDebit><TotalCredit>1.00</TotalCredit>
"""
INVOICE = """<Invoice><InvoiceNo>FT A/{n}</InvoiceNo><ATCUD>AAJFJ6VHXK-{n}</ATCUD><DocumentStatus>
<InvoiceStatus>N</InvoiceStatus><InvoiceStatusDate>2026-03-05T10:00:00</InvoiceStatusDate>
<SourceID>1</SourceID><SourceBilling>P</SourceBilling></DocumentStatus><Hash>{hash}</Hash>
<HashControl>1</HashControl><Period>3</Period><InvoiceDate>2026-03-05</InvoiceDate>
<InvoiceType>FT</InvoiceType><SpecialRegimes><SelfBillingIndicator>0</SelfBillingIndicator>
<CashVATSchemeIndicator>0</CashVATSchemeIndicator>
<ThirdPartiesBillingIndicator>0</ThirdPartiesBillingIndicator></SpecialRegimes>
<SourceID>1</SourceID><SystemEntryDate>2026-03-05T10:00:00</SystemEntryDate><CustomerID>C1</CustomerID><Line><LineNumber>1</LineNumber>
<ProductCode>P1</ProductCode><ProductDescription>Bread</ProductDescription><Quantity>1</Quantity>
<UnitOfMeasure>UN</UnitOfMeasure><UnitPrice>1.00</UnitPrice><TaxPointDate>2026-03-05</TaxPointDate>
<Description>Bread</Description><CreditAmount>1.00</CreditAmount><Tax><TaxType>IVA</TaxType>
<TaxCountryRegion>PT</TaxCountryRegion><TaxCode>NOR</TaxCode><TaxPercentage>23</TaxPercentage></Tax>
</Line><DocumentTotals><TaxPayable>0.23</TaxPayable><NetTotal>1.00</NetTotal>
<GrossTotal>1.23</GrossTotal></DocumentTotals></Invoice>
"""
HASH = "A" * 171 + "="
TAIL = "</SalesInvoices></SourceDocuments></AuditFile>\n"


class CheckCost(msgspec.Struct, frozen=True, kw_only=True):
    """What one check took. Bytes are the most of resident memory; `page_seconds` the slowest of the
    small pages that were asked for meanwhile."""

    machine: Machine
    bytes: int
    sent_seconds: float
    checked_seconds: float
    server_before: int
    server_most: int
    checker_most: int
    page_seconds: float
    steps: int

    @property
    def is_good(self) -> bool:
        grown = self.server_most - self.server_before
        is_small = grown <= SERVER_GROWTH_MAX and self.checker_most <= CHECKER_MAX
        return is_small and self.checked_seconds <= SECONDS_MAX and self.steps > 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.console_check", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, help="Size of the file.")
    parser.add_argument("--json", type=Path, help="Where to write the figures.")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "saft.xml"
        write(file, wanted.megabytes * 1_000_000)
        with fresh(SQLITE) as installation:
            installation.serve(1)
            cost = measured(installation, file)
    print(markdown(cost))
    if wanted.json:
        wanted.json.write_bytes(msgspec.json.format(msgspec.json.encode(cost), indent=1))
    sys.exit(0 if cost.is_good else 1)


def write(file: Path, size: int) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write(HEAD)
        number = 0
        while out.tell() < size:
            out.writelines(INVOICE.format(n=number + step, hash=HASH) for step in range(1, 101))
            number += 100
        out.write(TAIL)


def measured(installation: Installation, file: Path) -> CheckCost:
    (port,) = installation.ports
    server = installation.processes[port].pid
    ticket = installation.run("console", "ticket").split("ticket=")[1].split()[0]
    before = most_memory(server)
    watch = MemoryWatch(server, port)
    watch.start()
    begun = time.perf_counter()
    address = sent(port, f"/check?ticket={ticket}", file)
    arrived = time.perf_counter()
    steps = {state["read"] for state in until_done(port, address)}
    ended = time.perf_counter()
    watch.stop()
    return CheckCost(
        machine=machine(),
        bytes=file.stat().st_size,
        sent_seconds=round(arrived - begun, 2),
        checked_seconds=round(ended - arrived, 2),
        server_before=before,
        server_most=most_memory(server),
        checker_most=watch.checker_most,
        page_seconds=round(watch.page_seconds, 3),
        steps=len(steps),
    )


def sent(port: int, path: str, file: Path) -> str:
    """Sends the file as a form; gives the address of its check."""
    bound = secrets.token_hex(16)
    head = (
        f'--{bound}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    ).encode()
    tail = f"\r\n--{bound}--\r\n".encode()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    line.putrequest("POST", path)
    line.putheader("Content-Type", f"multipart/form-data; boundary={bound}")
    line.putheader("Content-Length", str(len(head) + file.stat().st_size + len(tail)))
    line.putheader("Accept", "application/json")
    line.endheaders(head)
    with file.open("rb") as read:
        while piece := read.read(PIECE):
            line.send(piece)
    line.send(tail)
    answer = line.getresponse()
    said = answer.read()
    line.close()
    assert answer.status == 202, said
    return str(msgspec.json.decode(said)["address"])


def until_done(port: int, address: str) -> Iterator[dict[str, object]]:
    while True:
        state = asked(port, f"{address}/state")
        yield state
        if state["state"] == "done":
            return
        time.sleep(0.2)


def asked(port: int, path: str) -> dict[str, object]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", path)
    found: dict[str, object] = msgspec.json.decode(line.getresponse().read())
    line.close()
    return found


class MemoryWatch:
    """Looks at the processes of a server that judge files, and asks for a page, until stopped."""

    def __init__(self, server: int, port: int) -> None:
        self._server = server
        self._port = port
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.checker_most = 0
        self.page_seconds = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(0.1):
            for child in checkers(self._server):
                self.checker_most = max(self.checker_most, most_memory(child))
            begun = time.perf_counter()
            line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            line.request("GET", "/health/live")
            line.getresponse().read()
            line.close()
            self.page_seconds = max(self.page_seconds, time.perf_counter() - begun)


def checkers(server: int) -> list[int]:
    """The processes that judge files for this server."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            is_one = b"fiscus.checking.child" in (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == server and is_one:
            found.append(int(entry.name))
    return found


def most_memory(process: int) -> int:
    """The most bytes that a process had in memory so far; 0 when it has ended."""
    try:
        said = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return int(said.partition("VmHWM:")[2].split()[0] or 0) * 1024 if "VmHWM:" in said else 0


def markdown(cost: CheckCost) -> str:
    grown = cost.server_most - cost.server_before
    rows = (
        ("size of the file", f"{cost.bytes / 1e6:.0f} MB"),
        ("sent within", f"{cost.sent_seconds:.1f} s"),
        ("checked within", f"{cost.checked_seconds:.1f} s"),
        ("most memory of the checker", f"{cost.checker_most / 1e6:.0f} MB"),
        ("the server's memory grew by", f"{grown / 1e6:.0f} MB"),
        ("slowest small page meanwhile", f"{cost.page_seconds * 1000:.0f} ms"),
        ("different states of progress", cost.steps),
    )
    return f"{headline(cost.machine)}\n\n{table(('what', 'how much'), rows)}"


if __name__ == "__main__":
    main()
