//! RFC 4180 to the letter, with any one character between cells.

/// The records of a text. Every one ends in a line break of LF or CRLF.
///
/// Errors: a quote that stands where none may, a quoted cell without its end, a last line without its break.
pub(crate) fn records(text: &str, delimiter: char) -> Result<Vec<Vec<String>>, String> {
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut chars = text.chars().peekable();
    while chars.peek().is_some() {
        let mut cell = String::new();
        let is_quoted = chars.next_if_eq(&'"').is_some();
        if is_quoted {
            loop {
                match chars.next() {
                    Some('"') if chars.next_if_eq(&'"').is_some() => cell.push('"'),
                    Some('"') => break,
                    Some(c) => cell.push(c),
                    None => return Err(format!("no quote ends {cell:?}")),
                }
            }
        } else {
            let bare = |c: &char| *c != delimiter && !"\"\r\n".contains(*c);
            while let Some(c) = chars.next_if(bare) {
                cell.push(c);
            }
        }
        record.push(cell);
        match chars.next() {
            Some(c) if c == delimiter => continue,
            Some('\r') if chars.next_if_eq(&'\n').is_some() => {}
            Some('\n') => {}
            other => return Err(format!("{other:?} stands behind {record:?}")),
        }
        records.push(std::mem::take(&mut record));
    }
    match record.is_empty() {
        true => Ok(records),
        false => Err(format!("{record:?} is cut off")),
    }
}

#[test]
fn it_is_as_strict_as_the_rfc() {
    let read = |text: &str| records(text, ',');
    let record = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    assert_eq!(
        read("a,\"b,\"\"c\n\"\r\n,\n"),
        Ok(vec![record(&["a", "b,\"c\n"]), record(&["", ""])])
    );
    for wrong in ["a", "a\"b\n", "\"a\"b\n", "\"a\n", "a\rb\n", "a,"] {
        assert!(read(wrong).is_err(), "{wrong:?}");
    }
}
