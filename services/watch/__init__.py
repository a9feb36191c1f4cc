"""How the product is watched: metrics, and whether a process lives, is ready, has started."""
