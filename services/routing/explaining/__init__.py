"""Why a dispute went where it went, and why not elsewhere."""
