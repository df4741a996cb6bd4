"""The second file names the accounts of the chart."""

from fiscus.formats.datev_extf.names import names_file
from fiscus.formats.datev_extf.target import target
from fiscus.formats.datev_extf.tests.bookings import SETTINGS, a_batch
from fiscus.model.accounts import ChartAccount


def test_accounts_are_named_by_code_with_the_long_name_beside() -> None:
    long = 'Erlöse "außer Haus" mit einem sehr langen Namen'
    names = {"8400": long, "1000": "Kasse", "A1": "x"}
    accounts = {code: ChartAccount(code=code, name=name) for code, name in names.items()}
    file = names_file(a_batch(accounts=accounts), target(SETTINGS))
    lines = b"".join(file.blocks).decode("cp1252").split("\r\n")

    assert file.name == "EXTF_Kontenbeschriftungen_20260305.csv"
    assert lines[1:] == [
        "Konto;Kontenbeschriftung;Sprach-ID;Kontenbeschriftung lang",
        '1000;"Kasse";"de-DE";"Kasse"',
        '8400;"Erlöse ""außer Haus"" mit einem sehr lange";"de-DE";'
        '"Erlöse ""außer Haus"" mit einem sehr langen Namen"',
        "",
    ]
