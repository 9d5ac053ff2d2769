"""``ivr init``: a house of one's own, in a folder of its own."""
