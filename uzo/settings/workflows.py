"""Editing workflows."""

from uzo.settings.env import ENV

CHECKOUT_MINUTES = ENV.uzo_checkout_minutes
AUTOSAVE_MINUTES = 10
"""One author's autosaves within this time of the first are one version."""
