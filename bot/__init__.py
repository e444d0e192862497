"""What runs: the inbox, the outbox, the clock, the channels, the web server and the command line."""
