//! A terminal: what it would show, and what it would be told to do.

use vte::{Params, Parser, Perform};

/// What came to a terminal.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    /// The text, without anything that is no text.
    pub(crate) text: String,
    /// All that moves, colours or commands, but line breaks.
    pub(crate) commands: Vec<String>,
}

impl Screen {
    /// Shows it what a program printed.
    pub(crate) fn showing(printed: &str) -> Self {
        let mut screen = Self::default();
        Parser::new().advance(&mut screen, printed.as_bytes());
        screen
    }
}

impl Perform for Screen {
    fn print(&mut self, c: char) {
        self.text.push(c);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => self.text.push('\n'),
            other => self.commands.push(format!("control {other:#04x}")),
        }
    }

    fn hook(&mut self, _: &Params, _: &[u8], _: bool, action: char) {
        self.commands.push(format!("DCS {action}"));
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        self.commands.push(format!("OSC {params:?}"));
    }

    fn csi_dispatch(&mut self, params: &Params, _: &[u8], _: bool, action: char) {
        let params: Vec<String> = params.iter().map(|part| format!("{part:?}")).collect();
        self.commands
            .push(format!("CSI {}{action}", params.join(";")));
    }

    fn esc_dispatch(&mut self, _: &[u8], _: bool, byte: u8) {
        self.commands.push(format!("ESC {byte:#04x}"));
    }
}
