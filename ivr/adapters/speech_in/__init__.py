"""Speech recognition: Vosk here and elsewhere, and voice activity."""
