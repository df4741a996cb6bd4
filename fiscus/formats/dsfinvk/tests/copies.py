"""Copies of an export in which single things are changed."""

import csv
import io
import shutil
from pathlib import Path

from fiscus.formats.dsfinvk.check.run import check
from fiscus.formats.dsfinvk.tables.all_tables import TABLES
from fiscus.formats.dsfinvk.tables.cells import LINE_END, record


class Copy:
    """A writable copy of the sample; what changes it gives it back.

    Rows count as in the checker: the header is row 1.
    """

    def __init__(self, sample: Path, folder: Path) -> None:
        shutil.copytree(sample, folder, copy_function=shutil.copyfile)
        self.folder = folder
        folder.chmod(0o755)

    def table(self, stem: str) -> list[list[str]]:
        text = (self.folder / f"{stem}.csv").read_bytes().decode()
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))

    def put(self, stem: str, rows: list[list[str]]) -> "Copy":
        text = "".join(record(row) + LINE_END for row in rows)
        (self.folder / f"{stem}.csv").write_bytes(text.encode())
        return self

    def set(self, stem: str, row: int, column: str, value: str) -> "Copy":
        rows = self.table(stem)
        rows[row - 1][rows[0].index(column)] = value
        self.put(stem, rows)
        return self

    def set_everywhere(self, column: str, old: str, new: str) -> "Copy":
        """In all tables that have the column."""
        for table in TABLES:
            if column in table.header:
                rows = self.table(table.stem)
                at = rows[0].index(column)
                for row in rows[1:]:
                    row[at] = new if row[at] == old else row[at]
                self.put(table.stem, rows)
        return self

    def drop(self, stem: str, *rows: int) -> "Copy":
        kept = [row for at, row in enumerate(self.table(stem), 1) if at not in rows]
        self.put(stem, kept)
        return self

    def add(self, stem: str, like: int, **values: str) -> "Copy":
        """One more row at the end, like another but for the given values."""
        rows = self.table(stem)
        row = list(rows[like - 1])
        for column, value in values.items():
            row[rows[0].index(column)] = value
        self.put(stem, [*rows, row])
        return self

    def swap(self, stem: str, one: int, other: int) -> "Copy":
        rows = self.table(stem)
        rows[one - 1], rows[other - 1] = rows[other - 1], rows[one - 1]
        self.put(stem, rows)
        return self

    def replace(self, file: str, old: bytes, new: bytes, count: int = 1) -> "Copy":
        data = (self.folder / file).read_bytes()
        assert old in data
        (self.folder / file).write_bytes(data.replace(old, new, count))
        return self

    def without_table(self, file: str) -> "Copy":
        """Takes a table out of index.xml."""
        text = (self.folder / "index.xml").read_bytes().decode("utf-8-sig")
        tables = text.split("    <Table>")
        kept = [one for one in tables if f"<URL>{file}</URL>" not in one]
        (self.folder / "index.xml").write_text("    <Table>".join(kept), encoding="utf-8-sig")
        return self

    def add_terminal(
        self, id: str, serial: str, number: str = "1", created: str = "2026-03-01T10:15:00Z"
    ) -> "Copy":
        row = ["KASSE-001", created, number, id, "", "", serial, "", ""]
        self.put("slaves", [*self.table("slaves"), row])
        return self

    def replace_all(self, file: str, old: bytes, new: bytes) -> "Copy":
        self.replace(file, old, new, -1)
        return self

    def cut(self, file: str, size: int) -> "Copy":
        (self.folder / file).write_bytes((self.folder / file).read_bytes()[:-size])
        return self

    def delete(self, file: str) -> "Copy":
        (self.folder / file).unlink()
        return self

    def faults(self) -> dict[str, tuple[str, ...]]:
        """Code to places."""
        return {
            fault.code.removeprefix("DSFINVK-"): fault.paths for fault in check(self.folder, {})
        }
