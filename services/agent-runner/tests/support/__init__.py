"""What the tests stand on: real servers on the loopback interface."""
