"""Staffing: how many staff, how that changed, where it may go."""
