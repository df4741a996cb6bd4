"""What an archive alone cannot tell, or only describes a device: said, and not called wrong."""

from pathlib import Path

import pytest

from fiscus.model.devices import LogFilter
from fiscus.model.faults import Severity, is_sound
from fiscus.signers.tse.log import tar, verify
from fiscus.signers.tse.software import export, ready, transactions, users
from fiscus.signers.tse.software.device import SoftwareTse
from fiscus.signers.tse.tests.test_verify import codes, contents, packed, without


@pytest.fixture
def device(factory) -> SoftwareTse:
    return shared(factory)


def shared(factory) -> SoftwareTse:
    """A device that signs for two tills, in turns."""
    device: SoftwareTse = factory.a_ready_device()
    ready.opened(device, factory.pins).register_client("KASSE-2")
    users.authenticate(device, "logger", "32345")
    for till in ("KASSE-1", "KASSE-2", "KASSE-1", "KASSE-2", "KASSE-1"):
        number = transactions.start(device, till, b"", "").number
        transactions.finish(device, till, number, b"Beleg^", "Kassenbeleg-V1")
    return device


def test_what_others_signed_meanwhile_is_no_gap_in_the_log_of_one_client(
    factory, tmp_path: Path
) -> None:
    """The archive of one till on a shared device lacks counters, and says by itself that it may;
    in the whole log of the device the same is an error."""
    device = shared(factory)
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(export.transaction_logs(device, LogFilter(client_id="KASSE-1"))))
    whole = contents(device)

    (found,) = verify.check(path)
    assert (found.code, found.severity) == ("TSE-COUNTER-03", Severity.NOTE)
    assert found.paths == ("client KASSE-1: 2 times",)
    assert is_sound(verify.check(path))
    assert codes(packed(whole, tmp_path / "b.tar")) == set()
    lacking = packed(without(whole, "Client-KASSE-2"), tmp_path / "c.tar")
    assert codes(lacking) == {"TSE-COUNTER-01"}
    assert not is_sound(verify.check(lacking))


def test_a_signature_is_not_wrong_because_its_certificate_cannot_be_read(
    device: SoftwareTse, tmp_path: Path
) -> None:
    name = tar.certificate_name(device.chain[0])
    unread = packed(contents(device) | {name: b"no certificate"}, tmp_path / "a.tar")
    absent = packed(without(contents(device), name), tmp_path / "b.tar")

    assert codes(unread) == {"TSE-CERT-01", "TSE-SIG-02"}
    assert "TSE-SERIAL-01" in codes(absent)
    severities = {fault.code: fault.severity for fault in verify.check(unread)}
    assert severities["TSE-SIG-02"] is Severity.NOTE


@pytest.mark.parametrize("text", [b"", b"\xff", b"description:,x"])
def test_what_only_describes_a_device_makes_no_archive_wrong(
    device: SoftwareTse, tmp_path: Path, text: bytes
) -> None:
    (found,) = verify.check(packed(contents(device) | {"info.csv": text}, tmp_path / "a.tar"))

    assert (found.code, found.severity) == ("TSE-INFO-02", Severity.WARNING)
