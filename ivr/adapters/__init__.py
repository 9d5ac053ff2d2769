"""The real outside: Asterisk, sound, speech, the database. Adapters never know each other."""
