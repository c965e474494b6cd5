"""Control nodes: they decide, wait and join, and hand their rows on by reference."""
