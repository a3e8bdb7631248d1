"""From a delivered file to checked rows: what is in it, what was mended, what is wrong."""
