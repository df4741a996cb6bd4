from pathlib import Path

from fiscus.formats import find


def test_real_archives_verify_and_the_tampered_one_is_refused_with_its_reason(
    shared_data: Path,
) -> None:
    archives = sorted((shared_data / "de" / "tse_samples").glob("*.tar"))
    assert len(archives) >= 4

    refused = {file.name: find("tse").check(file, {}) for file in archives}

    for name, faults in refused.items():
        assert bool(faults) == name.startswith("NEGATIVE"), (name, faults)
    reasons = {fault.code for faults in refused.values() for fault in faults}
    assert "TSE-CERT-03" in reasons
