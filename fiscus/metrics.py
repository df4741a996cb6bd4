"""What an operator can watch (Prometheus)."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = Histogram(
    "fiscus_answer_seconds",
    "Time from request to answer.",
    ["family", "operation"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
ANSWERS = Counter("fiscus_answers_total", "Answers by status.", ["family", "operation", "status"])
LOGINS = Counter(
    "fiscus_logins_total",
    "Logins: with the current secret, with one that was rotated away, failed, refused unheard.",
    ["outcome"],
)
GROUPS = Gauge("fiscus_writer_groups", "Groups committed since the start.")
ORDERS = Gauge("fiscus_writer_orders", "Orders carried out since the start.")
WAITING = Gauge("fiscus_writer_waiting", "Orders that wait for the writer.")
DEVICES_DOWN = Gauge("fiscus_devices_down", "Signing devices this process finds out of order.")
OUTAGES = Gauge("fiscus_registers_in_outage", "Registers whose device is out of order.")
DEVICE_WISHES = Gauge("fiscus_device_wishes", "Documents whose device is being asked.")
TASKS = Gauge("fiscus_outbox_tasks", "Tasks that wait in the outbox.")
LANE_TASKS = Gauge("fiscus_outbox_lane_tasks", "Tasks that wait in a lane of the outbox.", ["lane"])
DEAD_TASKS = Gauge(
    "fiscus_outbox_dead_tasks", "Tasks that were given up and wait for an operator: fiscus tasks."
)
OLDEST_TASK = Gauge("fiscus_outbox_oldest_seconds", "How long the oldest task has been due.")
REPORTS_WAITING = Gauge(
    "fiscus_reports_waiting", "Reports to authorities that wait, or whose outcome is not known."
)
REPORTS_OLDEST = Gauge("fiscus_reports_oldest_seconds", "How long the oldest of them has waited.")
REPORTS_REFUSED = Gauge(
    "fiscus_reports_refused", "Reports that authorities refused and somebody must mend."
)
REPORTS_PAUSED = Gauge(
    "fiscus_reports_paused_taxpayers", "Taxpayers that an authority does not let in."
)
MONTHS_DUE = Gauge(
    "fiscus_reporting_months_due",
    "Months that are over and must still be reported or declared, in time.",
)
MONTHS_OVERDUE = Gauge(
    "fiscus_reporting_months_overdue",
    "Months whose day has passed by which the law wanted them reported or declared.",
)
CHECKPOINT_AGE = Gauge("fiscus_checkpoint_age_seconds", "Age of the newest signed checkpoint.")
UNCOVERED = Gauge("fiscus_checkpoint_uncovered_entries", "Entries that no checkpoint covers yet.")
CERTIFICATE_DAYS = Gauge(
    "fiscus_certificate_days", "Days until the first journal certificate in service expires."
)
DEVICE_CERTIFICATE_DAYS = Gauge(
    "fiscus_device_certificate_days",
    "Days until the first certificate of a signing device in service ends.",
)
DEVICE_CERTIFICATES = Gauge(
    "fiscus_device_certificates_ending",
    "Signing devices in service whose certificate ends within so many days, or has ended.",
    ["days"],
)
CHANNEL_DAYS = Gauge(
    "fiscus_channel_expiry_days",
    "Days until something ends that the way to an authority needs, by the setting that names it.",
    ["setting"],
)
FINDINGS = Gauge("fiscus_verify_findings", "What the service has found wrong in its own journal.")
VERIFIED_RECENT = Gauge(
    "fiscus_verify_recent_timestamp_seconds", "When the newest entries were verified last."
)
VERIFIED_WHOLE = Gauge(
    "fiscus_verify_whole_timestamp_seconds", "When the whole journal was verified last."
)
WITNESS_ALARMS = Gauge("fiscus_witness_alarms", "Witnesses that have seen another history.")
DISK_FREE = Gauge("fiscus_disk_free_ratio", "Free part of the disk that holds the data folder.")


class Meter:
    """Counts and times the answers of one operation of one family."""

    def __init__(self, family: str, operation: str) -> None:
        self._labels = (family, operation)
        self._seconds = SECONDS.labels(family, operation)
        self._answers: dict[int, Counter] = {}

    def answered(self, status: int, seconds: float) -> None:
        self._seconds.observe(seconds)
        counter = self._answers.get(status)
        if counter is None:
            counter = self._answers[status] = ANSWERS.labels(*self._labels, status)
        counter.inc()
