"""The faces of the product: parse, one call, show. No logic lives here."""
