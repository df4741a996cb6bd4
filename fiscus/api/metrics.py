"""What an operator can watch (Prometheus)."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = Histogram(
    "fiscus_answer_seconds",
    "Time from request to answer.",
    ["family", "operation"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
ANSWERS = Counter("fiscus_answers_total", "Answers by status.", ["family", "operation", "status"])
GROUPS = Gauge("fiscus_writer_groups", "Groups committed since the start.")
ORDERS = Gauge("fiscus_writer_orders", "Orders carried out since the start.")
WAITING = Gauge("fiscus_writer_waiting", "Orders that wait for the writer.")
DEVICES_DOWN = Gauge("fiscus_devices_down", "Signing devices this process finds out of order.")
OUTAGES = Gauge("fiscus_registers_in_outage", "Registers whose device is out of order.")
DEVICE_WISHES = Gauge("fiscus_device_wishes", "Documents whose device is being asked.")
TASKS = Gauge("fiscus_outbox_tasks", "Tasks that wait in the outbox.")
OLDEST_TASK = Gauge("fiscus_outbox_oldest_seconds", "How long the oldest task has been due.")
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
DISK_FREE = Gauge("fiscus_disk_free_ratio", "Free part of the disk that holds the data folder.")


class Meter:
    """Counts and times the answers of one operation of one family."""

    def __init__(self, family: str, operation: str) -> None:
        self._labels = (family, operation)
        self._seconds = SECONDS.labels(family, operation)

    def answered(self, status: int, seconds: float) -> None:
        self._seconds.observe(seconds)
        ANSWERS.labels(*self._labels, status).inc()
