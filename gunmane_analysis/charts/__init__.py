"""Charts: one function per picture; each returns a figure and never touches global state."""
