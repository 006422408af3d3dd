"""From speech to text, and from text to prompts."""
