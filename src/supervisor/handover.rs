//! Handing the model's listening socket to the test that holds the stack: the address is known to the stack's services
//! before there is a test.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};

use camino::Utf8Path;

use crate::sys;

/// A stack's id on the wire.
const ID_LENGTH: usize = 8;

/// Sockets that wait for their test, by stack.
#[derive(Debug, Clone, Default)]
pub(super) struct Handover(Arc<Mutex<HashMap<String, TcpListener>>>);

impl Handover {
    /// Serves on a socket of its own, in a thread that ends with the process: it does nothing but small blocking calls.
    pub(super) fn serve(&self, path: &Utf8Path) -> io::Result<()> {
        let listener = UnixListener::bind(path)?;
        let waiting = self.clone();
        std::thread::Builder::new()
            .name("handover".to_owned())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    // A caller that goes away is its own loss.
                    let _ = waiting.hand_over(stream);
                }
            })?;
        Ok(())
    }

    /// Keeps a socket until its test asks for it.
    pub(super) fn keep(&self, stack: &str, listener: TcpListener) {
        self.lock().insert(stack.to_owned(), listener);
    }

    /// Forgets a socket that nobody asked for.
    pub(super) fn forget(&self, stack: &str) {
        self.lock().remove(stack);
    }

    fn hand_over(&self, mut stream: UnixStream) -> io::Result<()> {
        let mut id = [0; ID_LENGTH];
        stream.read_exact(&mut id)?;
        let stack = String::from_utf8_lossy(&id);
        // Our copy goes: it would keep the port open after the test has ended.
        match self.lock().remove(stack.as_ref()) {
            Some(listener) => sys::send_descriptor(&stream, &listener),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, TcpListener>> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Asks for the socket of a stack.
pub(super) fn take(path: &Utf8Path, stack: &str) -> io::Result<TcpListener> {
    let mut stream = UnixStream::connect(path)?;
    stream.write_all(stack.as_bytes())?;
    sys::receive_descriptor(&stream).map(TcpListener::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_handed_over_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = camino::Utf8PathBuf::from_path_buf(folder.path().join("handover")).unwrap();
        let handover = Handover::default();
        handover.serve(&path).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        handover.keep("12345678", listener);
        assert_eq!(
            take(&path, "12345678").unwrap().local_addr().unwrap(),
            address
        );
        assert!(take(&path, "12345678").is_err());
    }

    #[test]
    fn a_socket_that_was_forgotten_frees_its_port() {
        let handover = Handover::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        handover.keep("12345678", listener);
        handover.forget("12345678");
        assert!(TcpListener::bind(address).is_ok());
    }
}
