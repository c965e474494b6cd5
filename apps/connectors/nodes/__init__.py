"""Node types of the category connector: read, write, execute. Pure: the connector comes from the context."""
