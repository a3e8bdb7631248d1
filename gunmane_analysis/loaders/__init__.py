"""Loaders: delivered files in, checked tables out."""
