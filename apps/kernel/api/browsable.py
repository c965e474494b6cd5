"""The browsable API, for people with a browser and a session."""

from __future__ import annotations

from typing import Any

from rest_framework.renderers import BrowsableAPIRenderer

from apps.kernel.errors import UzoError


class BrowsableRenderer(BrowsableAPIRenderer):
    """Shows the forms of what the person may do; our rules refuse by errors that DRF does not know."""

    def show_form_for_method(self, view: Any, method: str, request: Any, obj: Any) -> bool:
        found = getattr(view, "object", None)
        try:
            return bool(super().show_form_for_method(view, method, request, obj))
        except UzoError:
            return False
        finally:
            view.object = found
