"""Tags that write the files of a built entry into a page."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.studio.manifest import assets

register = template.Library()


@register.simple_tag
def studio_head(entry: str) -> SafeString:
    """Style sheets, preloads and the module script of an entry (`src/main.tsx`)."""
    files = assets(entry)
    return format_html(
        '{}\n{}\n<script type="module" src="{}"></script>',
        format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(file),) for file in files.styles)),
        format_html_join("\n", '<link rel="modulepreload" href="{}">', ((static(file),) for file in files.preloads)),
        static(files.script),
    )
