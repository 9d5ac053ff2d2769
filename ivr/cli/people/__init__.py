"""Commands about persons: those who work here, and customers."""
