"""Those who work here: accounts, sign-ins, keys, what they did."""
