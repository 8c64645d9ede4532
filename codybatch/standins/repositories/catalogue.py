"""Which repositories there are."""

from __future__ import annotations

from dataclasses import dataclass

OWNED = "demo-org"
READ_ONLY = "upstream"


@dataclass(frozen=True)
class SampleRepository:
    """One repository, beside its files.

    Arguments:
        full_name: `owner/name`; the service account may push to those of `OWNED`.
        uses_naive_times: whether `datetime.utcnow` or `datetime.utcfromtimestamp` is used in its
            code. Where not, a prompt that replaces them has nothing to do, whatever its
            comments and strings say.
    """

    full_name: str
    description: str
    topics: tuple[str, ...]
    uses_naive_times: bool
    stars: int = 0

    @property
    def is_owned(self) -> bool:
        """Whether the service account may push there."""
        return self.full_name.startswith(f"{OWNED}/")


def _owned(
    name: str, description: str, topics: str, *, naive: bool = True, stars: int = 0
) -> SampleRepository:
    return SampleRepository(f"{OWNED}/{name}", description, tuple(topics.split()), naive, stars)


def _read_only(
    name: str, description: str, topics: str, *, naive: bool = True, stars: int = 0
) -> SampleRepository:
    full_name = f"{READ_ONLY}/{name}"
    return SampleRepository(full_name, description, tuple(topics.split()), naive, stars)


CATALOGUE: tuple[SampleRepository, ...] = (
    _owned("weather-client", "Client for the Meridian forecast API", "python http", stars=12),
    _owned("invoice-ledger", "Double-entry bookkeeping for invoices", "python finance", stars=7),
    _owned("job-queue", "A job queue in one SQLite file", "python queue", stars=31),
    _owned("csv-importer", "Customer lists from many offices", "python data", naive=False),
    _owned("booking-service", "The service behind the room calendar", "python web", stars=3),
    _owned("log-shipper", "Log lines to a collector, in batches", "python cli", stars=5),
    _owned("feature-flags", "Flags that open gradually", "python", naive=False, stars=18),
    _owned("image-thumbs", "Contact sheets of pictures", "python images", naive=False),
    _owned("storefront", "The basket of the shop", "javascript web", naive=False, stars=9),
    _owned("metrics-agent", "Counters and timings for scrapers", "go metrics", naive=False),
    _owned("chat-bot", "Answers simple questions in a team chat", "python chat", stars=2),
    _owned("session-store", "Web sessions on disk", "python web", naive=False, stars=4),
    _owned("etl-pipeline", "The nightly pipeline of orders", "python data", stars=6),
    _read_only("tinytemplate", "Templates in 150 lines", "python templates", stars=410),
    _read_only("retryable", "One decorator: try again", "python", naive=False, stars=820),
    _read_only("holiday-calendar", "Public holidays as plain data", "python data", stars=95),
)
