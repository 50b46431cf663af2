//! How a cell is shown to people: the formats a column can name, and the one each unit brings.

/// How a cell is shown in table, markdown and html; other outputs carry the raw value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CellFormat {
    /// As it is: text bare, lists joined by commas, maps of single values as `key=value`, all else as JSON.
    #[default]
    Plain,
    /// Bytes as docker shows them: `29.1MB`.
    Bytes,
    /// Time since, as kubectl shows it: `5d3h`.
    Age,
    /// `2026-02-27`.
    Date,
    /// `2026-02-27 08:15:30`.
    DateTime,
    /// The first twelve hex digits of a digest.
    Digest,
    /// A number with its thousands apart.
    Count,
    /// A ratio as a percentage.
    Percent,
    /// A list joined by commas; of a map `key=value`.
    List,
    /// JSON on one line.
    Json,
    /// `yes` or `no`, by JMESPath's truth.
    Bool,
}

impl CellFormat {
    /// Every format a column can name.
    pub const NAMED: [(&'static str, Self); 10] = [
        ("bytes", Self::Bytes),
        ("age", Self::Age),
        ("date", Self::Date),
        ("datetime", Self::DateTime),
        ("digest", Self::Digest),
        ("count", Self::Count),
        ("percent", Self::Percent),
        ("list", Self::List),
        ("json", Self::Json),
        ("bool", Self::Bool),
    ];

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, format)| *format)
    }
}

/// Which side of its column a cell stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Left.
    #[default]
    Left,
    /// Right.
    Right,
}
