"""What people write into files, and what is wrong with it: encodings, TOML with the line of each key, checked tables."""
