"""``python -m ivr.provision PART …``: get system parts now, so that nobody waits for them later."""

from __future__ import annotations

import sys

from ivr.provision import debian
from ivr.provision.places import CACHE
from ivr.provision.running import command

PARTS = {
    "asterisk": debian.ASTERISK,
    "postgresql": debian.POSTGRESQL,
    "sipp": debian.SIPP,
    "chromium": debian.CHROMIUM,
    "graphviz": debian.GRAPHVIZ,
    "flite": debian.FLITE,
}


def main() -> int:
    """Get each part that is named; one sentence and exit code 1 for the first that cannot be had."""
    for name in sys.argv[1:]:
        if name not in PARTS:
            print(f"there is no part {name!r}; known are {', '.join(PARTS)}", file=sys.stderr)
            return 2
        try:
            if debian.locate(PARTS[name], CACHE):
                continue
            found = debian.get(PARTS[name], CACHE)
        except (debian.PartMissing, OSError) as error:
            print(f"  {error}", file=sys.stderr)
            return 1
        print(f"  {PARTS[name].name}: {found.path}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(command(main))
