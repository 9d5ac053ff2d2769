"""An IVR and call-routing server for Asterisk that listens."""

import os

__version__ = "0.1.0"

# onnxruntime sends figures of its use home, and looks here when it is imported; whatever else asks for it is told the same
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["DO_NOT_TRACK"] = "1"
# one thread a computation: the calls are what runs in parallel, and for matrices as small as ours a second thread costs twice
# the work. numpy, scipy and vosk read it when they are loaded
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
