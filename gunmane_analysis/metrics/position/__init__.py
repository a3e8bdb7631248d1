"""Where an area stands among its peers."""
