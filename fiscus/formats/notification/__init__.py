"""The notification of registers and TSEs to the tax office (Germany, AO § 146a (4)).

It is made from master data, not from journal records, so it is no `Format`: the command line and
the operator's office call `notification` for the file and `printed` for the paper.
"""

from fiscus.formats.notification.facts import REGIME as REGIME
from fiscus.formats.notification.facts import DeviceForm as DeviceForm
from fiscus.formats.notification.facts import NotifiedDevice as NotifiedDevice
from fiscus.formats.notification.facts import NotifiedLocation as NotifiedLocation
from fiscus.formats.notification.facts import NotifiedRegister as NotifiedRegister
from fiscus.formats.notification.facts import faults as faults
from fiscus.formats.notification.paper import printed as printed
from fiscus.formats.notification.write import notification as notification
