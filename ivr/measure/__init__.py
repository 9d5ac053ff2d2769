"""Instruments: how well and how cheaply the server hears and understands, measured, with how sure each figure is."""
