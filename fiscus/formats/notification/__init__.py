"""The notification of registers and TSEs to the tax office (Germany, AO § 146a (4)).

It is made from master data, not from journal records, so it is no `Format`.
"""

from fiscus.formats import Notification
from fiscus.formats.notification.facts import due
from fiscus.formats.notification.paper import printed
from fiscus.formats.notification.write import notification
from fiscus.model.notified import NotifiedLocation


def _text(location: NotifiedLocation) -> bytes:
    return printed(location).encode()


NOTIFICATIONS = (
    Notification(
        code="aufzeichnung146a", law="de", forms={"xml": notification, "text": _text}, due=due
    ),
)
