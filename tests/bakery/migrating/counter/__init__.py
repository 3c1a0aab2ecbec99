"""An app with one table, in the releases one, two, three and a broken two."""
