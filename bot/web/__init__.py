"""The HTTP server: the web chat, the public pages, the hooks of the channels, health and metrics."""
