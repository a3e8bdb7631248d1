"""What a measure changed: difference-in-differences and its checks."""
