"""The servers that are compared, each alone in a process of its own; see `bench.children.serve`."""
