"""Words: what a text says about the Big Five as a model perceives them, and facts that anyone can count."""
