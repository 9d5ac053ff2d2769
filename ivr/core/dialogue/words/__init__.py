"""What an utterance holds: digits, yes and no, the few words that stand for an answer."""
