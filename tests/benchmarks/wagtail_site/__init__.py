"""A site of Wagtail with one snippet model and its database search, as its documentation has it."""
