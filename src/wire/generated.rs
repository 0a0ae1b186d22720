//! The generated modules, nested as their packages are.
#![allow(
    clippy::all,
    unreachable_pub,
    unused_qualifications,
    reason = "generated code"
)]

include!(concat!(env!("OUT_DIR"), "/wire.rs"));
