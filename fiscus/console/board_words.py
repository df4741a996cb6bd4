"""What the board says of each kind of trouble, and what to do about it; in English, to be
translated where it is shown."""

from collections.abc import Mapping

import msgspec

from fiscus.console.visit import N_
from fiscus.problems.rows import ProblemKind, ProblemWeight


class KindWords(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, with places for `subject`, `count` and `id` of a row and the `state` of a
    month; and what to do."""

    what: str
    remedy: str


WEIGHTS: Mapping[ProblemWeight, tuple[str, str]] = {
    ProblemWeight.STOPS: (N_("stops something"), "bad"),
    ProblemWeight.HARMS: (N_("something is missing"), "warn"),
    ProblemWeight.WARNS: (N_("will matter"), ""),
}
"""How bad it is, and the kind of the mark beside it: bad, warn, or empty for neither."""

GROUPS: Mapping[int, str] = {
    0: N_("Now"),
    1: N_("Within a day"),
    7: N_("Within 7 days"),
    30: N_("Within 30 days"),
    90: N_("Within 90 days"),
}

MONTH_STATES: Mapping[str, str] = {
    "open": N_("documents of it are not reported yet, or were refused"),
    "file-due": N_("its file is to be handed in"),
    "no-invoicing": N_("nothing was invoiced, which is to be declared"),
}
"""How a month stands, for the rows of months."""

WORDS: Mapping[ProblemKind, KindWords] = {
    ProblemKind.WRITER: KindWords(
        what=N_("The part that writes documents has stopped: nothing is issued."),
        remedy=N_("Start the service again, and read its log for the reason."),
    ),
    ProblemKind.DISK: KindWords(
        what=N_("The disk of the data folder is %(count)s %% full."),
        remedy=N_("Make room on it, or move the data folder to a larger one."),
    ),
    ProblemKind.REVISION: KindWords(
        what=N_("The tables of the database are those of another version."),
        remedy=N_("Run `fiscus migrate` with the version that is installed."),
    ),
    ProblemKind.CHANNEL: KindWords(
        what=N_("The way to an authority (%(subject)s) is not set up well."),
        remedy=N_("Mend the settings that are named, and start the service again."),
    ),
    ProblemKind.CHANNEL_ENDS: KindWords(
        what=N_("What opens the way to an authority ends: %(subject)s."),
        remedy=N_("Ask the authority for a new one, and set %(id)s to it before that day."),
    ),
    ProblemKind.WATERMARK: KindWords(
        what=N_("What was issued last is not remembered well outside the database."),
        remedy=N_("Give the service a folder outside the data folder: FISCUS_STATE_DIR."),
    ),
    ProblemKind.FINDINGS: KindWords(
        what=N_("The journal has findings: %(count)s."),
        remedy=N_("Do not repair anything. Read docs/journal-findings.md and run `fiscus verify`."),
    ),
    ProblemKind.UNVERIFIED: KindWords(
        what=N_("The whole journal could not be verified."),
        remedy=N_("Mend what is named. It is tried again by itself."),
    ),
    ProblemKind.VERIFIED_LONG_AGO: KindWords(
        what=N_("The whole journal has not been verified for long."),
        remedy=N_("Look whether the service verifies at all, or run `fiscus verify`."),
    ),
    ProblemKind.SETTING: KindWords(
        what=N_("The setting %(subject)s is missing, and a law needs it: nothing is issued."),
        remedy=N_("Set it, and start the service again."),
    ),
    ProblemKind.HISTORY: KindWords(
        what=N_("The database is older than what was issued here."),
        remedy=N_("Stop the service and bring back the newest database before you sell on."),
    ),
    ProblemKind.CHECKPOINT: KindWords(
        what=N_("No checkpoint is signed any more."),
        remedy=N_("Run `fiscus verify`, and mend what it names."),
    ),
    ProblemKind.WITNESS_ALARM: KindWords(
        what=N_("The witness %(subject)s has seen another history of this journal."),
        remedy=N_("Keep all evidence, sell nothing, and read docs/witness.md."),
    ),
    ProblemKind.WITNESS_SILENT: KindWords(
        what=N_("The witness %(subject)s gives no answer."),
        remedy=N_("Look at the network, and ask whoever runs it. Sales go on."),
    ),
    ProblemKind.WITNESS_MEMORY: KindWords(
        what=N_("%(subject)s lies on the same disk as the data, and is no witness."),
        remedy=N_("Use another disk, or a witness that somebody else runs."),
    ),
    ProblemKind.WITNESS_NONE: KindWords(
        what=N_("Nobody else remembers how the journal looked."),
        remedy=N_("Name a witness in FISCUS_WITNESSES (docs/witness.md)."),
    ),
    ProblemKind.WORKER: KindWords(
        what=N_("Work beside sales waits: no worker does it, or it is far behind."),
        remedy=N_("Look whether the worker runs (`fiscus serve` or `fiscus work`) and at its log."),
    ),
    ProblemKind.TASKS_DEAD: KindWords(
        what=N_("Tasks that were given up: %(count)s."),
        remedy=N_("Read `fiscus tasks list --state dead`, mend the reason, then revive them."),
    ),
    ProblemKind.DEVICE_OUT: KindWords(
        what=N_("%(subject)s: the signing device does not answer."),
        remedy=N_(
            "Mend the device or its connection. Sales go on without its signature meanwhile."
        ),
    ),
    ProblemKind.OUTAGE: KindWords(
        what=N_("%(subject)s: an outage of the signing device has not ended in the journal."),
        remedy=N_("If the device answers again, the next sale ends it; else mend the device."),
    ),
    ProblemKind.DEVICE_ENDS: KindWords(
        what=N_("%(subject)s: the certificate of the signing device ends."),
        remedy=N_("Exchange the device before that day: afterwards nothing is signed."),
    ),
    ProblemKind.DEVICE_COMING: KindWords(
        what=N_("%(subject)s: a signing device is being set up."),
        remedy=N_("Wait a moment. If it takes long, look whether the worker runs."),
    ),
    ProblemKind.DEVICE_FAILED: KindWords(
        what=N_("%(subject)s: the signing device could not be set up."),
        remedy=N_("Mend what is named, then ask for the device again."),
    ),
    ProblemKind.CERTIFICATE_ENDS: KindWords(
        what=N_("%(subject)s: the certificate of the journal key ends."),
        remedy=N_("Give the register a new journal key: `fiscus journal rotate`."),
    ),
    ProblemKind.REPORTS_PAUSED: KindWords(
        what=N_("%(subject)s: the authority does not let the taxpayer in, its reports wait."),
        remedy=N_("Give the taxpayer valid credentials for this service of the authority."),
    ),
    ProblemKind.REPORTS_REFUSED: KindWords(
        what=N_("Reports that the authority refused: %(count)s."),
        remedy=N_("Read what it says of each, mend that, then send the report again."),
    ),
    ProblemKind.REPORTS_WAIT: KindWords(
        what=N_("Reports that wait for the authority: %(count)s."),
        remedy=N_("Look whether the authority can be reached. They are sent again by themselves."),
    ),
    ProblemKind.MONTHS_DUE: KindWords(
        what=N_("Month %(subject)s is to be reported: %(state)s."),
        remedy=N_("Do what the state says, then declare it (API: months, or `fiscus reporting`)."),
    ),
    ProblemKind.MONTHS_OVERDUE: KindWords(
        what=N_("The last day for month %(subject)s is over: %(state)s."),
        remedy=N_("Do it today, then declare it (API: months, or `fiscus reporting`)."),
    ),
    ProblemKind.MONTH_COMING: KindWords(
        what=N_("Month %(subject)s: its file is to be handed in after its end."),
        remedy=N_("Export the audit file when the month is over, and hand it in."),
    ),
    ProblemKind.SERIES_WAIT: KindWords(
        what=N_("Series %(subject)s waits for an answer of the authority."),
        remedy=N_("Look whether the authority can be reached. It is asked again by itself."),
    ),
    ProblemKind.SERIES_UNREGISTERED: KindWords(
        what=N_("Series %(subject)s is not registered: the authority said no."),
        remedy=N_("Mend what it says. The next document of the series asks again."),
    ),
    ProblemKind.NUMBERS: KindWords(
        what=N_("%(subject)s: the last sales were refused, because the till states other numbers."),
        remedy=N_("Set the till right, or `fiscus systems set --numbers ignore`."),
    ),
    ProblemKind.CLOSING: KindWords(
        what=N_("%(subject)s: documents lie in no daily closing."),
        remedy=N_("Close the day at the register."),
    ),
    ProblemKind.SESSION: KindWords(
        what=N_("%(subject)s: the cash session of an earlier day is still open."),
        remedy=N_("Count the drawer and close the day."),
    ),
    ProblemKind.NOTIFY: KindWords(
        what=N_("%(subject)s: the tax office is to be told of this register by that day."),
        remedy=N_(
            "Write the notification on the register's page, and hand it in. If that is done, "
            "this row goes with the day."
        ),
    ),
    ProblemKind.KEY_GRACE: KindWords(
        what=N_("The former secret of the API key %(subject)s is good until then."),
        remedy=N_("Give the new secret to everything that still uses the former one."),
    ),
}
