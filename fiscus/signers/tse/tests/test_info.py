"""`info.csv`, in the form of each version."""

import pytest

from fiscus.signers.tse.log import info
from fiscus.signers.tse.log.info import COMPONENTS, DeviceComponent, InfoError, TseDescription

ONE = TseDescription(
    description='Kiosk "am Markt", links',
    components=(DeviceComponent(manufacturer="Beispiel, GmbH", version="4.2"),),
)
ALL = TseDescription(
    description="Kiosk",
    components=tuple(
        DeviceComponent(
            name=name,
            manufacturer="Beispiel",
            model=f"M-{name}",
            version="3",
            certification="BSI-K-TR-0001-2026",
        )
        for name in COMPONENTS
    ),
)


def test_version_2_has_one_line() -> None:
    data = info.write(ONE, 2)

    assert data.decode() == (
        '"description:","Kiosk ""am Markt"", links",'
        '"manufacturer:","Beispiel, GmbH","version:","4.2"\n'
    )
    assert info.read(data) == ONE
    assert info.read(data.rstrip(b"\n")) == ONE


def test_version_3_has_a_line_for_each_component() -> None:
    data = info.write(ALL, 3)

    assert data.decode().splitlines()[-1] == '"description:","Kiosk",,,,,,,,'
    assert len(data.splitlines()) == len(COMPONENTS) + 1
    assert info.read(data) == ALL


def test_both_forms_are_read_without_quotes_as_real_devices_write_them() -> None:
    """A comma within a value is told from one between two by the words in front of values."""
    older = b"description:,Kiosk am Markt, links,manufacturer:,Beispiel, GmbH,version:,4.2\r\n"
    plain = info.write(ALL, 3).replace(b'"', b"")

    assert info.read(older) == TseDescription(
        description="Kiosk am Markt, links",
        components=(DeviceComponent(manufacturer="Beispiel, GmbH", version="4.2"),),
    )
    assert info.read(plain) == ALL


GOOD = info.write(ALL, 3)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b'"description:","x"\n',
        info.write(ONE, 2) * 2,
        GOOD.replace(b"component:", b"part:", 1),
        GOOD.replace(b'"certification-id:","BSI-K-TR-0001-2026"\n', b"\n", 1),
        GOOD.replace(b'"Kiosk",,', b'"Kiosk",x,'),
        GOOD.replace(b'"description:"', b'"about:"'),
        b'"description:","open\n',
    ],
)
def test_what_has_neither_form_is_refused(data: bytes) -> None:
    with pytest.raises(InfoError):
        info.read(data)
