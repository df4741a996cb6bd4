"""The registers' signing devices while the service runs: opened once, asked, watched by a circuit
breaker."""
