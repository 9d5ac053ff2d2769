"""The caller's side of a call: what is heard, the session, what is written down."""
