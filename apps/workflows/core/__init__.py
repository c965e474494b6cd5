"""What a diagram means: graph, typed edges, problems, plan. Pure Python."""
