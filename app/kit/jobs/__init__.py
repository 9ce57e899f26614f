"""Long work: it goes on with the page closed, tells how far it is, can be stopped, and survives a restart."""
