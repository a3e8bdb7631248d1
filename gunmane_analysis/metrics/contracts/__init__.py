"""Bundled contracts: published cases, costs and what changed."""
