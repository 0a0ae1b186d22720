//! Ports for programs that cannot take a bound socket: a block that we hold by a lock as long as the program lives.

use std::fs::{File, TryLockError};
use std::io;
use std::net::{Ipv4Addr, TcpListener};

use camino::{Utf8Path, Utf8PathBuf};

/// Ports of a block: Temporal takes four of our choosing at most.
const SIZE: u16 = 4;
/// Blocks lie here, below the range from which Linux and macOS give out ports by themselves (32768 and 49152 on).
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

/// Why there is no block of ports.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    #[error("cannot use the folder of port locks {folder}")]
    Folder {
        folder: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("all blocks of ports from {FIRST} to {LAST} are taken")]
    Exhausted,
}

/// Neighbouring ports that no other run of this user takes while this value lives.
#[derive(Debug)]
pub struct PortBlock {
    first: u16,
    _lock: File,
}

impl PortBlock {
    /// Takes a free block. `folder` is shared by all runs of a user.
    pub fn take(folder: &Utf8Path) -> Result<Self, PortError> {
        let error = |source| PortError::Folder {
            folder: folder.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(error)?;
        // Different processes begin at different blocks, so that they rarely try the same one.
        let blocks = (LAST - FIRST) / SIZE;
        let begin = u16::try_from(std::process::id() % u32::from(blocks)).unwrap_or(0);
        for step in 0..blocks {
            let first = FIRST + (begin + step) % blocks * SIZE;
            let file = File::create(folder.join(first.to_string())).map_err(error)?;
            match file.try_lock() {
                Ok(()) if (first..first + SIZE).all(is_free) => {
                    return Ok(Self { first, _lock: file });
                }
                // A program of somebody else sits on one of them.
                Ok(()) | Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(error(source)),
            }
        }
        Err(PortError::Exhausted)
    }

    /// One of its ports, counted from 0.
    pub fn port(&self, index: u16) -> u16 {
        assert!(index < SIZE, "a block has {SIZE} ports");
        self.first + index
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().join("ports")).unwrap();
        (folder, path)
    }

    #[test]
    fn blocks_never_overlap_and_come_back() {
        let (_keep, folder) = folder();
        let first = PortBlock::take(&folder).unwrap();
        let second = PortBlock::take(&folder).unwrap();
        assert!(first.port(0).abs_diff(second.port(0)) >= SIZE);
        let number = first.port(0);
        drop(first);
        assert_eq!(PortBlock::take(&folder).unwrap().port(0), number);
    }

    #[test]
    fn a_port_that_somebody_listens_on_is_passed_over() {
        let (_keep, folder) = folder();
        let block = PortBlock::take(&folder).unwrap();
        let taken = block.port(2);
        drop(block);
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, taken)).unwrap();
        let block = PortBlock::take(&folder).unwrap();
        assert!((0..SIZE).all(|index| block.port(index) != taken));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error() {
        let (_keep, folder) = folder();
        std::fs::write(&folder, "a file").unwrap();
        assert!(matches!(
            PortBlock::take(&folder),
            Err(PortError::Folder { .. })
        ));
    }
}
