"""The agents' side of a call: who is there, who gets whom, what they do with a call."""
