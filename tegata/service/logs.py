"""Logging as every service does it: to standard error, with the reference number, and with numbers taken out.

The guard against 個人番号 is the last filter: whatever a message held, such a number does not reach the log.
"""

import logging

from tegata.identity.individual_number import RedactingFilter
from tegata.service.correlation import CorrelationFilter

FORMAT = "%(asctime)s %(levelname)s %(reference_number)s %(name)s: %(message)s"


def configure_logging(level: str) -> None:
    """Send records of this level and above to standard error; safe to call more than once."""
    root = logging.getLogger()
    root.setLevel(level)
    if any(isinstance(found, _Handler) for found in root.handlers):
        return
    handler = _Handler()
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(CorrelationFilter())
    handler.addFilter(RedactingFilter())
    root.addHandler(handler)
    # One line for each request of httpx would repeat addresses with codes in them.
    logging.getLogger("httpx").setLevel(logging.WARNING)


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]  # the stream's type does not matter
    """Marks the handler as ours."""
