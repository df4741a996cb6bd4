"""A shop in Lisbon whose series the simulated authority knows, and what it seals."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from fiscus.channels import (
    Accepted,
    Answer,
    ChannelConnection,
    ObligationReport,
    RegisterSeries,
    ReportedDocument,
    ReportKind,
)
from fiscus.channels.at_portugal import connection, simulator
from fiscus.channels.at_portugal.client import AtClient, client
from fiscus.channels.at_portugal.endpoints import AtEndpoints
from fiscus.model.documents import Draft
from fiscus.model.records import EntryBody
from fiscus.regimes.pt.documents import document_type
from fiscus.regimes.pt.tests import builders

NIF = "509876544"
LOGIN = {"username": f"{NIF}/1", "password": "example-only"}


class ReportingShop:
    """Registers a series for each type when it is needed, and numbers what it seals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.endpoints: AtEndpoints = simulator.running(folder, lambda: builders.AT)
        self.client: AtClient = client(self.endpoints, lambda: builders.AT)
        self.channel: ChannelConnection = connection.connected(self.endpoints, lambda: builders.AT)
        self.codes: dict[str, str] = {}
        self.numbers: dict[str, int] = {}

    def registered(self, kind: str, section: str = "SI") -> str:
        """The validation code of the series of that type."""
        if kind not in self.codes:
            message = RegisterSeries(
                taxpayer=NIF,
                document_type=kind,
                name="T01-2026",
                first_number=1,
                starts_on=date(2026, 5, 4),
                facts={"class": section, "type": kind, "certificate": "9999", "processing": "PI"},
            )
            answer = self.channel.send(message, LOGIN)
            assert isinstance(answer, Accepted)
            self.codes[kind] = answer.reference
        return self.codes[kind]

    def sealed(self, draft: Draft, original: EntryBody | None = None) -> EntryBody:
        """The entry of a document with the next number of its series."""
        kind = document_type(draft)
        assert kind is not None
        number = self.numbers[kind.code] = self.numbers.get(kind.code, 0) + 1
        slot = builders.a_slot(draft)
        assert slot is not None
        series = msgspec.structs.replace(slot.series, validation_code=self.registered(kind.code))
        slot = msgspec.structs.replace(slot, series=series, number=number)
        return builders.a_body(builders.a_case(draft, slot=slot, original=original))

    def told(self, body: EntryBody, **changes: Any) -> ReportedDocument:
        words: dict[str, Any] = {
            "body": body,
            "taxpayer": builders.a_place().taxpayer,
            "settings": builders.SETTINGS,
        }
        return ReportedDocument(**(words | changes))

    def reports(
        self,
        document: ReportedDocument,
        kind: str = ReportKind.DOCUMENT,
        login: dict[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        report = ObligationReport(id="o-1", record="r-1", kind=kind, document=document, **more)
        return self.channel.report(report, login or LOGIN)
