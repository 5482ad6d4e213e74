"""The pages about the API: for those who build on it, and of the tokens of a person."""

from directory.api.pages import tokens

ROUTERS = [tokens.router]
