"""Sound as data and as files: telephone sound, any file, recordings of calls."""
