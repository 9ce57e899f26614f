"""List packs: a system of lists with its kinds, procedures, forms and indicators as one file; loaded, compared, updated, exported."""
