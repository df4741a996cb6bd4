"""Plays both days in one service, hands the month to the accountants, and has everything proved
that is left behind."""

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from fiscus.app import wall_clock
from fiscus.demo import books, proof, show
from fiscus.demo.berlin import day as berlin
from fiscus.demo.berlin import proof as berlin_proof
from fiscus.demo.berlin import story as berlin_story
from fiscus.demo.books import HandedOver
from fiscus.demo.client import ServiceConnection, UnexpectedAnswer
from fiscus.demo.lisbon import day as lisbon
from fiscus.demo.lisbon import proof as lisbon_proof
from fiscus.demo.lisbon import story as lisbon_story
from fiscus.demo.lisbon.authority import simulated
from fiscus.demo.proof import ProofResult
from fiscus.demo.service import first_key, served

MARK = ".made-by-fiscus-demo"


@dataclass(frozen=True, kw_only=True)
class DemoFolder:
    """Where the demo keeps what it makes. Nothing else in the folder is ever touched."""

    out: Path

    @property
    def data(self) -> Path:
        return self.out / "data"

    @property
    def lisbon(self) -> Path:
        return self.out / "lisbon"

    @property
    def berlin(self) -> Path:
        return self.out / "berlin"

    @property
    def books(self) -> Path:
        return self.out / "books"

    @property
    def log(self) -> Path:
        return self.out / "server.log"

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.txt"

    @property
    def reports(self) -> tuple[Path, Path]:
        return self.out / "verification-report.txt", self.out / "verification-report.json"

    def cleared(self) -> None:
        """Empty what an earlier demo filled. Raises `UnexpectedAnswer` for a stranger's files."""
        folders = (self.data, self.lisbon, self.berlin, self.books)
        files = (self.log, self.checkpoint, *self.reports)
        mark = self.out / MARK
        strange = [path for path in (*folders, *files) if path.exists()]
        if strange and not mark.exists():
            raise UnexpectedAnswer(
                f"{strange[0]} is not from an earlier demo; choose another --out"
            )
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        for file in files:
            file.unlink(missing_ok=True)
        mark.touch()


@dataclass(frozen=True, kw_only=True)
class DemoResults:
    """What both days left behind."""

    kiosk: berlin.BerlinResults
    cafe: lisbon.LisbonResults
    books: tuple[HandedOver, ...]


def play(out: Path, console: Console) -> DemoResults:
    """Both stories. Raises `UnexpectedAnswer` where one is not as told, or not proved."""
    folder = DemoFolder(out=out)
    folder.cleared()
    show.opening(console)
    days = _played(folder, console)
    findings = _proved(folder, days)
    show.proved(console, findings)
    proof.expect_good(findings, folder.reports[0])
    show.places(console, _paths(folder, days), days.cafe.package)
    return days


def _played(folder: DemoFolder, console: Console) -> DemoResults:
    """Lisbon comes last: its package has the whole journal's checkpoint signed, Berlin's too."""
    begun, key = wall_clock(), first_key(folder.data)
    with (
        simulated(folder.data) as authority,
        served(folder.data, folder.log) as address,
        closing(ServiceConnection(address)) as line,
    ):
        kiosk = berlin.play(line, key, folder.berlin, folder.data / "devices", console)
        cafe = lisbon.play(line, key, authority, folder.lisbon, console)
        proof.keep_checkpoint(line, folder.checkpoint)
    accountants = (berlin_story.ACCOUNTANT, lisbon_story.ACCOUNTANT)
    handed = books.hand_over(folder.data, folder.books, accountants, begun, console)
    return DemoResults(kiosk=kiosk, cafe=cafe, books=handed)


def _proved(folder: DemoFolder, days: DemoResults) -> tuple[ProofResult, ...]:
    """The service is not needed any more. Both reports are written, whatever they say."""
    findings = (
        *berlin_proof.prove(folder.data, days.kiosk),
        *lisbon_proof.prove(folder.data, days.cafe),
        *books.prove(folder.data, days.books),
        proof.database(folder.data, folder.checkpoint),
    )
    text, as_json = folder.reports
    text.write_text(proof.text(findings))
    as_json.write_text(proof.as_json(findings))
    return findings


def _paths(folder: DemoFolder, days: DemoResults) -> tuple[tuple[str, Path], ...]:
    kiosk, cafe = days.kiosk, days.cafe
    return (
        ("Berlin: DSFinV-K archive", kiosk.dsfinvk),
        ("Berlin: TSE log", kiosk.tse),
        ("Berlin: what the checkers say", folder.berlin / "*.check.txt"),
        ("Berlin: Z report", kiosk.z_report),
        ("Berlin: QR codes, to print", kiosk.qr),
        ("Lisbon: audit file (SAF-T)", cafe.audit),
        ("Lisbon: signed journal package", cafe.package),
        ("Lisbon: QR codes, to print", cafe.qr),
        ("Lisbon: what the authority knows", cafe.authority),
        *(
            (f"{one.handover.shop}: for the accountant", path)
            for one in days.books
            for path in (one.file, one.report)
        ),
        ("What was proved", folder.reports[0]),
        ("A checkpoint to keep elsewhere", folder.checkpoint),
        ("Database, keys, test TSE", folder.data),
    )
