"""How many files and connections this process may have open: every call, desk and page is one or more of them."""

from __future__ import annotations

import resource
from collections.abc import Iterator

from ivr.server.parts import Examination, Finding

ENOUGH = 4_096
"""For some hundred calls and desks, with their recordings and the database."""

MOST_PAGES = 4_096


def take_all() -> None:
    """Use what the system allows: most begin with 1,024 and allow a hundred times as many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def for_pages() -> int:
    """How many connections to the pages there may be: half of what we may have open, the rest is for calls and files."""
    now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_PAGES if now == resource.RLIM_INFINITY else min(MOST_PAGES, now // 2)


def examine(what: Examination) -> Iterator[Finding]:
    """Whether that is enough for a busy house; of whoever asks, which a service need not share."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < ENOUGH:
        yield (
            None,
            f"no more than {most} files and connections may be open at once: LimitNOFILE=65536 in the unit of systemd, or "
            "`ulimit -Hn` before `ivr serve`",
        )
