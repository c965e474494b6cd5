"""The demo: real public data, two tenants with people in four roles, and one workflow that was run."""
