"""One contact: its entries, and what is made of them."""
