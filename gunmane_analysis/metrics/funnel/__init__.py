"""The matching funnel: considered, established, trialled, implemented."""
