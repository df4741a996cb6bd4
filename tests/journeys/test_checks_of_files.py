"""Files are checked by a server as operators start it: also one whose folder is named from where
they stand."""

from dataclasses import replace
from pathlib import Path

from bench import console_check
from bench.installation import Installation
from bench.source import HERE
from fiscus.checking import kept
from fiscus.journal.tests.small_package import package_files, write_package
from fiscus.journal.tests.small_shop import a_journal


def test_a_folder_may_be_named_from_where_one_stands(shared_data: Path, tmp_path: Path) -> None:
    here = replace(HERE, folder=tmp_path)
    installation = Installation(folder=tmp_path, source=here, settings={"FISCUS_DATA_DIR": ".data"})
    package = write_package(tmp_path / "p.zip", package_files(a_journal(20)))
    saft = next(shared_data.rglob("saft_MISSING_CUSTOMER_INVOICE.xml"))
    try:
        installation.serve(1)
        (port,) = installation.ports
        for file, kind, code in (
            (saft, "saft-pt", "SAFT-CUSTOMER-01"),
            (package, "journal-package", "VERIFY-PACKAGE-04"),
        ):
            ticket = installation.run("console", "ticket").split("ticket=")[1].split()[0]
            address = console_check.sent(port, f"/check?ticket={ticket}", file)
            *_, last = console_check.until_done(port, address)
            state = kept.find(tmp_path / ".data" / "checks", str(last["id"]))

            assert state is not None
            assert state.result is not None
            assert state.result.kind == kind
            assert code in {one.code for one in state.result.findings}
    finally:
        installation.stop()
