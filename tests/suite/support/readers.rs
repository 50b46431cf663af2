//! Readers of what the program prints, as those on the other side have them: a browser, GitHub, a terminal, a spreadsheet.
//! None of them knows ours.

mod delimited;
mod html;
mod markdown;
mod terminal;

pub(crate) use delimited::records;
pub(crate) use html::Page;
pub(crate) use markdown::Markdown;
pub(crate) use terminal::Screen;
