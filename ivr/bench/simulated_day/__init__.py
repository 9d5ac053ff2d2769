"""A day of the sample shop, simulated: what a keypad menu, skills alone, and this router make of the same callers."""
