"""Plays both days in one service, and has everything proved that they left behind."""

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from fiscus.demo import proof, show
from fiscus.demo.berlin import day as berlin
from fiscus.demo.berlin import proof as berlin_proof
from fiscus.demo.client import Line, Unexpected
from fiscus.demo.lisbon import day as lisbon
from fiscus.demo.lisbon import proof as lisbon_proof
from fiscus.demo.proof import Finding
from fiscus.demo.service import first_key, served

MARK = ".made-by-fiscus-demo"


@dataclass(frozen=True, kw_only=True)
class Folder:
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
    def log(self) -> Path:
        return self.out / "server.log"

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.json"

    @property
    def reports(self) -> tuple[Path, Path]:
        return self.out / "verification-report.txt", self.out / "verification-report.json"

    def cleared(self) -> None:
        """Empty what an earlier demo filled. Raises `Unexpected` for a stranger's files."""
        folders = (self.data, self.lisbon, self.berlin)
        files = (self.log, self.checkpoint, *self.reports)
        mark = self.out / MARK
        strange = [path for path in (*folders, *files) if path.exists()]
        if strange and not mark.exists():
            raise Unexpected(f"{strange[0]} is not from an earlier demo; choose another --out")
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        for file in files:
            file.unlink(missing_ok=True)
        mark.touch()


@dataclass(frozen=True, kw_only=True)
class Days:
    """What both days left behind."""

    kiosk: berlin.Papers
    cafe: lisbon.Papers


def play(out: Path, console: Console) -> Days:
    """Both stories. Raises `Unexpected` where one goes otherwise than told, or is not proved."""
    folder = Folder(out=out)
    folder.cleared()
    show.opening(console)
    days = _played(folder, console)
    findings = _proved(folder, days)
    show.proved(console, findings)
    proof.expect_good(findings, folder.reports[0])
    show.places(console, _paths(folder, days), days.cafe.package)
    return days


def _played(folder: Folder, console: Console) -> Days:
    """Lisbon comes last: its package has the whole journal's checkpoint signed, Berlin's too."""
    key = first_key(folder.data)
    with served(folder.data, folder.log) as address, closing(Line(address)) as line:
        kiosk = berlin.play(line, key, folder.berlin, folder.data / "devices", console)
        cafe = lisbon.play(line, key, folder.lisbon, console)
        proof.keep_checkpoint(line, folder.checkpoint)
    return Days(kiosk=kiosk, cafe=cafe)


def _proved(folder: Folder, days: Days) -> tuple[Finding, ...]:
    """The service is not needed any more. Both reports are written, whatever they say."""
    findings = (
        *berlin_proof.prove(folder.data, days.kiosk),
        *lisbon_proof.prove(folder.data, days.cafe),
        proof.database(folder.data, folder.checkpoint),
    )
    text, as_json = folder.reports
    text.write_text(proof.text(findings))
    as_json.write_text(proof.as_json(findings))
    return findings


def _paths(folder: Folder, days: Days) -> tuple[tuple[str, Path], ...]:
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
        ("What was proved", folder.reports[0]),
        ("A checkpoint to keep elsewhere", folder.checkpoint),
        ("Database, keys, test TSE", folder.data),
    )
