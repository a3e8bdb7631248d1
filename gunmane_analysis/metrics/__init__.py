"""Metrics: a table in, a table or a small result out; no file is touched here."""
