"""Which unit a case goes to: suggested by the city's rules and by how earlier dispatches ended."""
