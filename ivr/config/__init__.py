"""Settings: read once, typed, refused early."""
