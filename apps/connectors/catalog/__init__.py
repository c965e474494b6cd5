"""The connector types, a folder each; see `apps.connectors.sdk`."""
