"""Envelope encryption, pure: no Django, no files."""
