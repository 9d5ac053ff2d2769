"""Customers of a CRM that speaks JSON over HTTP."""

from __future__ import annotations

import structlog

from ivr.adapters.customers.lookups import HttpSource, SourceFailed
from ivr.calls.integrations.customer_directory import NotAnswered, Several, Unusable
from ivr.core.caller import Record
from ivr.core.flow.flow import Lookup
from ivr.wire.customers.record import Mapped, RecordUnusable, SeveralCustomers, read_record

log = structlog.get_logger(__name__)


class HttpCustomers:
    """Implements ``ivr.calls.integrations.customer_directory.RemoteDirectory``;
    ``url`` has ``{number}`` where the number in E.164 goes."""

    def __init__(self, url: str, token: str | None, mapped: Mapped) -> None:
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        self._source = HttpSource(f"{scheme}://{host}", token)
        self._lookup = Lookup("directory", "directory", path=f"{slash}{path}", takes=("number",), retries=0)
        self._mapped = mapped

    async def ask(self, number: str) -> Record | None:
        """One request. 404, 204, ``null`` and an empty list say that nobody has this number."""
        try:
            answer = await self._source.fetch(self._lookup, {"number": number})
        except SourceFailed as failure:
            raise NotAnswered(str(failure)) from None
        except (OSError, ValueError) as error:
            raise NotAnswered(type(error).__name__) from None
        if answer is None:
            return None
        try:
            return read_record(answer, self._mapped, _left_out)
        except SeveralCustomers as problem:
            raise Several(str(problem)) from None
        except RecordUnusable as problem:
            raise Unusable(str(problem)) from None

    async def close(self) -> None:
        await self._source.close()


def _left_out(problem: str) -> None:
    log.warning("field of the directory left out", problem=problem)
