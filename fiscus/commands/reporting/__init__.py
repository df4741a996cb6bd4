"""The commands about what authorities are told of documents."""
