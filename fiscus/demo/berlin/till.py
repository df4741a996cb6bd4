"""The kiosk's till: keys in, takes money, and remembers what the service answered."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fiscus.demo.berlin import story
from fiscus.demo.berlin.client import ReportingClient
from fiscus.demo.client import Json, expect


@dataclass(frozen=True, kw_only=True)
class TillStep:
    """One operation of the day, as the service answered when it was over."""

    title: str
    operation: Json

    @property
    def type(self) -> str:
        return str(self.operation["type"])

    @property
    def is_completed(self) -> bool:
        return bool(self.operation["status"] == "completed")

    @property
    def fiscal(self) -> Json:
        """What the law's device made of it."""
        found: Json = self.operation["fiscal_information"]
        return found

    @property
    def is_signed(self) -> bool:
        return self.fiscal["end_event"] is not None

    @property
    def counter(self) -> int:
        """The device's signature counter. Only of what is signed."""
        return int(self.fiscal["end_event"]["transaction_counter"])


@dataclass(kw_only=True)
class Till:
    """`tell` is called with each step as soon as it is over."""

    client: ReportingClient
    register: str
    tell: Callable[[TillStep], None]
    steps: list[TillStep] = field(default_factory=list)

    def does(self, title: str, event: Json) -> Json:
        """What happens to the drawer is completed at once."""
        return self._over(title, self._created(event), "completed")

    def sells(self, title: str, goods: Json, *legs: Json) -> Json:
        """Goods are keyed in, then paid."""
        begun = self._created(goods)
        paid = story.payment(begun["total_amount"], *legs)
        path = f"/operations/{begun['id']}/complete"
        return self._over(title, self._concluded(path, paid, begun), "completed")

    def abandons(self, title: str, goods: Json) -> Json:
        """Goods are keyed in, and nobody pays."""
        begun = self._created(goods)
        path = f"/operations/{begun['id']}/void"
        return self._over(title, self._concluded(path, story.ABANDONED, begun), "voided")

    def _created(self, operation: Json) -> Json:
        return self.client.post("/operations", {**operation, "register_id": self.register})

    def _concluded(self, path: str, body: Json, begun: Json) -> Json:
        return self.client.post(path, body, match=begun["resource_version"])

    def _over(self, title: str, operation: Json, status: str) -> Json:
        expect(operation["status"] == status, f"{title}: it is {operation['status']}")
        step = TillStep(title=title, operation=operation)
        self.steps.append(step)
        self.tell(step)
        return operation
