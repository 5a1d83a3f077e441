"""What is on disk: journals, artifact bytes, and the catalog that indexes them."""
