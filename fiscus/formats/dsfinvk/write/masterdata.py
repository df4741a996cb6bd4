"""Who sells, where, on what, with which devices and rates: as the closing kept it."""

from fiscus.formats.dsfinvk.write import keys, rows
from fiscus.model.closings import Closing
from fiscus.model.countries import alpha3
from fiscus.model.places import Place, Register, Taxpayer
from fiscus.regimes.de import taxes
from fiscus.regimes.de.identity import vat_number


def taxpayer(registered: Taxpayer) -> rows.RegisteredSeat:
    facts, address = registered.facts, registered.address
    return rows.RegisteredSeat(
        name=registered.legal_name,
        street=address.line(),
        postal_code=address.code,
        city=address.city,
        country=alpha3(address.country),
        tax_number=facts.get("tax_number", ""),
        vat_id=vat_number(facts),
    )


def location(place: Place) -> rows.RegisteredSeat:
    """All locations of a taxpayer sell under its one VAT number."""
    registered = place.location
    address = registered.address
    return rows.RegisteredSeat(
        name=registered.name,
        street=address.line(),
        postal_code=address.code,
        city=address.city,
        country=alpha3(address.country),
        vat_id=vat_number(place.taxpayer.facts),
    )


def hardware(closing: Closing) -> rows.RegisterHardware:
    """The serial is the register's id: by that name it is a client of its TSE."""
    register = closing.place.register
    software, version = _program(register)
    return rows.RegisterHardware(
        serial=register.id,
        brand=register.brand,
        model=register.model,
        software=software,
        software_version=version,
        currency=closing.currency,
    )


def devices(closing: Closing) -> tuple[rows.TseRow, ...]:
    """Numbered from 1 within the closing."""
    return tuple(
        rows.TseRow(
            id=number,
            serial=device.serial,
            algorithm=device.algorithm,
            time_format=device.time_format,
            public_key=device.public_key,
            certificate=device.certificate,
        )
        for number, device in enumerate(closing.devices, 1)
    )


def vat_rates(closing: Closing) -> tuple[rows.VatRow, ...]:
    """Every key of the law with its rate on the day of the closing, and the keys of the taxpayer's
    own. Not only those of the totals, because training receipts are in no total."""
    on = keys.day_of(closing)
    used = {
        keys.key_on(on, int(total.tax_code), total.percentage): total.percentage
        for total in closing.cases
    }
    rates = keys.rates_of(on) | used
    return tuple(
        rows.VatRow(key=key, percentage=rates[key], text=_texts.get(key, "Eigener Steuersatz"))
        for key in sorted(rates)
    )


_texts = {row.key: row.text for row in taxes.KEYS}


def _program(register: Register) -> tuple[str, str]:
    """`Kiosk Pro 4.2` as name and version, where nobody has told them apart; a last word that is no
    version belongs to the name."""
    name, _, version = register.software.rpartition(" ")
    if not register.software_version and name and version.removeprefix("v")[:1].isdigit():
        return name, version
    return register.software, register.software_version
