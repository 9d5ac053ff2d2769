"""Gets what the machine lacks: Asterisk, PostgreSQL, SIPp, Chromium, speech models, the sentence encoder."""
