"""The text of the QR code (DSFinV-K, annex I): all that verifies one transaction by itself."""

from datetime import UTC, datetime

from fiscus.model.records import DeviceSigning

VERSION = "V0"


def text(signing: DeviceSigning) -> str:
    return ";".join(
        (
            VERSION,
            signing.client,
            signing.process_type,
            signing.process_data,
            str(signing.number),
            str(signing.counter),
            _moment(signing.started_at),
            _moment(signing.finished_at),
            signing.algorithm,
            signing.time_format,
            signing.signature,
            signing.public_key,
        )
    )


def _moment(at: datetime) -> str:
    """UTC with milliseconds, further digits cut."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"
