"""The caller of a replay, who answers what is asked."""
