"""``ivr demo``: the sample shop in a house of one's own, with its customers, its people and what happened until now."""
