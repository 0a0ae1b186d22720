//! Sockets that are bound here and served elsewhere, so that no port is ever free in between.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// A listening socket on 127.0.0.1 with a port that the kernel chose.
pub fn listen_on_loopback() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}
