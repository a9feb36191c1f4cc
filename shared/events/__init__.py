"""What two services must agree on: the vocabulary of events and the plumbing that carries them."""
