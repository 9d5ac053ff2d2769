"""Speech synthesis: pyttsx3 and other programs."""
