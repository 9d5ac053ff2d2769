"""`ivr graph`: a dialogue as a picture."""
