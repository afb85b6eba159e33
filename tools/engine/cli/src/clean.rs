//! `clean`: removes the outputs of this checkout.

use crate::console::Console;
use crate::exit::Exit;
use crate::session;

/// Runs `clean`.
pub fn clean() -> Result<(), Exit> {
    Ok(executor::clean(&session::root()?, &Console::new())?)
}
