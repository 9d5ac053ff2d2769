"""Understanding, measured on files of utterances."""
