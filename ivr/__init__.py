"""An IVR and call-routing server for Asterisk that listens."""

__version__ = "0.1.0"
