"""Reports: findings, charts, pages, and the batch that makes them."""
