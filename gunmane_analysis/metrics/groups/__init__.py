"""Groups of neighbouring municipalities."""
