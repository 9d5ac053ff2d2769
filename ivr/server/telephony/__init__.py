"""What the server builds towards Asterisk, and how ``ivr doctor`` looks at it."""
