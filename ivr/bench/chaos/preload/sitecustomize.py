"""Found by Python in every process of a house whose clock can be set: begins the server anew behind libfaketime, nobody else.

The watchdog and the process that speaks are left out: libfaketime breaks absolute sleeps and the waits of espeak-ng.
"""

import os
import sys

_LIBRARY = os.environ.get("IVR_CHAOS_CLOCK", "")
if _LIBRARY and "--no-watchdog" in sys.orig_argv:
    if os.environ.get("LD_PRELOAD") == _LIBRARY:
        del os.environ["LD_PRELOAD"]  # it is loaded; the server's own children need no other time
    else:
        os.environ["LD_PRELOAD"] = _LIBRARY
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606
