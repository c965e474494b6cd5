"""Every transform: one module a family, each type registered where it stands."""
