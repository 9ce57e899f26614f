"""Lists and their items: responsibility and system lists, and the ledger kept with them."""
