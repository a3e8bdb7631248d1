"""The yearly run: notebooks × areas, what is up to date, workers, record and progress."""
