"""Instruments: how well intents are understood and speech is heard, measured on files, with how sure each figure is."""
