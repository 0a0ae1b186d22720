//! Sockets that are bound here and served elsewhere, so that no port is ever free in between.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use rustix::net::sockopt::set_socket_reuseaddr;
use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};

/// More connections may wait than any test opens at once.
const BACKLOG: i32 = 1024;

/// A port of 127.0.0.1 that the kernel chose and that stays ours while this value lives, whoever listens on it: a second
/// socket is bound to it and never listens.
#[derive(Debug)]
pub struct ReservedPort {
    _reservation: OwnedFd,
    address: SocketAddr,
}

impl ReservedPort {
    /// Takes a port, and the socket that listens on it.
    pub fn take() -> io::Result<(Self, TcpListener)> {
        let listener = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let address = SocketAddr::try_from(getsockname(&listener)?)?;
        // Before the first one listens: a port that is listened on cannot be bound again.
        let reservation = bound(address)?;
        listen(&listener, BACKLOG)?;
        let port = Self {
            _reservation: reservation,
            address,
        };
        Ok((port, listener.into()))
    }

    /// Another socket that listens on the port, after the last one was closed.
    pub fn listen_again(&self) -> io::Result<TcpListener> {
        let listener = bound(self.address)?;
        listen(&listener, BACKLOG)?;
        Ok(listener.into())
    }
}

fn bound(address: SocketAddr) -> io::Result<OwnedFd> {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
    set_socket_reuseaddr(&socket, true)?;
    // Linux shares a port among sockets that say so and do not listen; macOS wants another word for it.
    #[cfg(target_os = "macos")]
    rustix::net::sockopt::set_socket_reuseport(&socket, true)?;
    bind(&socket, &address)?;
    Ok(socket)
}

/// A listening socket on 127.0.0.1 with a port that the kernel chose.
pub fn listen_on_loopback() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_reserved_port_is_nobody_elses_between_two_listeners() {
        let (port, listener) = ReservedPort::take().unwrap();
        let address = listener.local_addr().unwrap();
        TcpStream::connect(address).unwrap();
        drop(listener);
        TcpStream::connect(address).unwrap_err();
        // The kernel gives the port to nobody else: all it has left are others.
        for _ in 0..50 {
            assert_ne!(listen_on_loopback().unwrap().local_addr().unwrap(), address);
        }
        let again = port.listen_again().unwrap();
        assert_eq!(again.local_addr().unwrap(), address);
        TcpStream::connect(address).unwrap();
    }

    #[test]
    fn a_port_comes_back_with_its_reservation() {
        let (port, listener) = ReservedPort::take().unwrap();
        let address = listener.local_addr().unwrap();
        drop((port, listener));
        TcpListener::bind(address).unwrap();
    }
}
