"""A shop in service, in one transaction, in which changes of the registry are prepared."""

import os
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from fiscus.model.devices import DeviceInfo
from fiscus.model.records import SeriesWanted
from fiscus.model.tests.clock import MORNING
from fiscus.registry import (
    devices,
    keys,
    locations,
    series,
    taxpayers,
)
from fiscus.registry.roles import Role
from fiscus.registry.tests.builders import (
    MAC,
    Shop,
    a_shop,
    a_vault,
    an_id,
)
from fiscus.registry.views import LifecycleState, OperatingMode

SUSPENDED = (LifecycleState.COMMISSIONED, OperatingMode.SUSPENDED)
LATER = MORNING + timedelta(seconds=10)
INFO = DeviceInfo(
    serial="ab" * 32,
    public_key="BA==",
    algorithm="ecdsa-plain-SHA256",
    time_format="unixTime",
    certificates=(b"\x30\x00",),
    is_test=True,
)


class Scene:
    """A shop in service, in one transaction; what a case needs besides, it makes itself."""

    def __init__(self, tx: Connection) -> None:
        self.tx = tx
        self.vault = a_vault()
        self.shop: Shop = a_shop(tx)
        self.unit = self.shop.organization

    def owner(self) -> Any:
        return taxpayers.by_id(self.tx, self.shop.taxpayer)

    def branch(self) -> Any:
        return locations.read(self.tx, self.unit, self.shop.location)

    def a_subject(self) -> str:
        wanted = keys.NewKey(organization=self.unit, name="till-1", role=Role.MANAGER)
        made, _ = keys.create(
            self.tx,
            MAC,
            wanted,
            id_=an_id(),
            environment="test",
            entropy=os.urandom,
            by="ana",
            at=MORNING,
        )
        return made.id

    def a_device(self, *, is_made: bool = False, is_fitted: bool = False, **more: Any) -> str:
        said: dict[str, Any] = {"kind": "software-tse", "family": "tse"} | more
        wanted = devices.WantedDevice(
            id=an_id(),
            register=self.shop.register,
            organization=self.unit,
            client=self.shop.register,
            **said,
        )
        made = devices.want(self.tx, wanted, MORNING).device
        if is_made or is_fitted:
            devices.keep(self.tx, self.vault, made, b"secret")
        if is_fitted:
            devices.fitted(self.tx, made, INFO, MORNING)
        return made

    def wish(self) -> series.SeriesWish:
        who = self.shop.taxpayer
        wanted = SeriesWanted(document_type="FR", name="A")
        return series.SeriesWish(
            owner=who, taxpayer=who, location=self.shop.location, wanted=wanted
        )

    def a_series(self, *, is_asked: bool = False) -> str:
        id_ = an_id()
        series.want(self.tx, id_, self.wish(), MORNING)
        if is_asked:
            assert self.asks(id_)
        return id_

    def asks(self, id_: str) -> bool:
        return series.ask(
            self.tx,
            id_,
            self.wish(),
            holder="one",
            starts_on=date(2026, 5, 4),
            at=MORNING,
            until=LATER,
        )

    def the_series(self) -> series.SeriesView:
        found = series.find(self.tx, self.shop.taxpayer, self.wish().wanted)
        assert found is not None
        return found
