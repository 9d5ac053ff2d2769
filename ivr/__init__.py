"""An IVR and call-routing server for Asterisk that listens."""

import os

__version__ = "0.1.0"

# onnxruntime sends figures of its use home, and looks here when it is imported; whatever else asks for it is told the same
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["DO_NOT_TRACK"] = "1"
