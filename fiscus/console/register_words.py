"""Words for the states of registers, devices, sessions, series, reports and closings; in English,
to be translated where they are shown, each with the kind of its mark."""

from collections.abc import Mapping

from fiscus.channels import Remedy
from fiscus.console.visit import N_
from fiscus.model.documents import ClosingType
from fiscus.registry.devices import DeviceState
from fiscus.registry.series import SeriesState
from fiscus.registry.sessions import SessionState
from fiscus.registry.views import LifecycleState, OperatingMode
from fiscus.reporting.states import ReportState

Marked = tuple[str, str]
"""A word and the kind of its mark: good, warn, bad, or empty for none of them."""

STATES: Mapping[LifecycleState, Marked] = {
    LifecycleState.ACQUIRED: (N_("acquired"), ""),
    LifecycleState.COMMISSIONED: (N_("in service"), "good"),
    LifecycleState.DECOMMISSIONED: (N_("out of service for good"), ""),
}

MODES: Mapping[OperatingMode, str] = {
    OperatingMode.INACTIVE: N_("inactive"),
    OperatingMode.OPERATIVE: N_("operative"),
    OperatingMode.SUSPENDED: N_("suspended"),
}

DEVICES: Mapping[DeviceState, Marked] = {
    DeviceState.PENDING: (N_("being set up"), "warn"),
    DeviceState.FITTED: (N_("signs"), "good"),
    DeviceState.FAILED: (N_("could not be set up"), "bad"),
    DeviceState.RELEASED: (N_("released"), ""),
}

SESSIONS: Mapping[SessionState, str] = {
    SessionState.OPEN: N_("open"),
    SessionState.COUNTED: N_("counted"),
    SessionState.CLOSED: N_("closed"),
}

SERIES: Mapping[SeriesState, Marked] = {
    SeriesState.WANTED: (N_("not registered"), "warn"),
    SeriesState.ASKED: (N_("the authority is asked"), "warn"),
    SeriesState.ACTIVE: (N_("active"), "good"),
    SeriesState.FINISHING: (N_("is being finished"), "warn"),
    SeriesState.FINISHED: (N_("finished for good"), ""),
    SeriesState.CANCELLING: (N_("is being cancelled"), "warn"),
    SeriesState.CANCELLED: (N_("registration undone"), ""),
}

REPORTS: Mapping[ReportState, Marked] = {
    ReportState.PENDING: (N_("waits"), "warn"),
    ReportState.UNKNOWN: (N_("no answer yet"), "warn"),
    ReportState.ACCEPTED: (N_("accepted"), "good"),
    ReportState.REFUSED: (N_("refused there"), "bad"),
    ReportState.DELETED: (N_("deleted there"), ""),
}

REMEDIES: Mapping[Remedy, str] = {
    Remedy.DATA: N_("The data of the taxpayer or of the document are wrong: mend what is named."),
    Remedy.ACCESS: N_("The authority does not let the taxpayer in: give it valid credentials."),
    Remedy.TIME: N_("Time helps: it is sent again by itself."),
    Remedy.PROGRAM: N_("The program or its settings are wrong: tell who maintains them."),
}

CLOSINGS: Mapping[str, str] = {
    ClosingType.SHIFT: N_("shift"),
    ClosingType.DAILY: N_("day"),
    ClosingType.MONTHLY: N_("month"),
    ClosingType.ANNUAL: N_("year"),
}
