//! What Stigmer must do, on whatever distribution.

mod agents;
