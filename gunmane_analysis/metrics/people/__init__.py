"""人の群マネ: experts, requests, steps, participation and technologies."""
