//! The drawing with line and caret. The only file that knows the drawing crate.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Place, Severity};
use crate::safe;

/// Whether drawings carry colour; asked once, in `cli`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// With.
    On,
    /// Without.
    Off,
}

/// Draws findings one after another, with a blank line between them and a line break at the end.
pub fn draw(findings: &[Diagnostic], colour: Colour) -> String {
    let renderer = match colour {
        Colour::On => Renderer::styled(),
        Colour::Off => Renderer::plain(),
    };
    let drawn: Vec<String> = findings
        .iter()
        .map(|finding| draw_one(finding, &renderer))
        .collect();
    drawn.join("\n\n") + if drawn.is_empty() { "" } else { "\n" }
}

fn draw_one(finding: &Diagnostic, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = safe::escape(&finding.message).into_owned();
    let mut group: Group<'_> = Group::with_title(level.primary_title(title));
    for snippet in snippets(finding) {
        group = group.element(snippet);
    }
    let hints = finding.hints.iter().map(|hint| {
        let title = Level::HELP.with_name("hint");
        Group::with_title(title.secondary_title(safe::escape_lines(hint)))
    });
    let groups: Vec<Group<'_>> = std::iter::once(group).chain(hints).collect();
    if finding.labels.is_empty() {
        // The crate draws a gutter between groups; without a snippet it would belong to nothing.
        let lines = groups
            .iter()
            .map(|group| renderer.render(std::slice::from_ref(group)));
        return lines.collect::<Vec<_>>().join("\n");
    }
    renderer.render(&groups)
}

/// One snippet per source, each with its labels.
fn snippets(finding: &Diagnostic) -> Vec<Snippet<'static, annotate_snippets::Annotation<'static>>> {
    let mut drawn: Vec<Snippet<'static, annotate_snippets::Annotation<'static>>> = Vec::new();
    let mut sources: Vec<&Place> = Vec::new();
    for (index, label) in finding.labels.iter().enumerate() {
        let kind = match index {
            0 => AnnotationKind::Primary,
            _ => AnnotationKind::Context,
        };
        let (text, start, end) = shown(&label.place);
        let words = safe::escape(&label.text).into_owned();
        let annotation = kind.span(start..end).label(words);
        match sources
            .iter()
            .position(|place| std::sync::Arc::ptr_eq(&place.source, &label.place.source))
        {
            Some(at) => {
                let snippet = drawn.remove(at).annotation(annotation);
                drawn.insert(at, snippet);
            }
            None => {
                sources.push(&label.place);
                let path = safe::escape(&label.place.source.name).into_owned();
                drawn.push(Snippet::source(text).path(path).annotation(annotation));
            }
        }
    }
    drawn
}

/// The source's text with every hidden character replaced by one that is seen (threats F-1, F-2), and
/// the place moved accordingly.
fn shown(place: &Place) -> (String, usize, usize) {
    let keeps = |c: char| c == '\n' || c == '\t' || !safe::is_hidden(c);
    let clean = |text: &str| -> String {
        text.replace("\r\n", "\n")
            .chars()
            .map(|c| if keeps(c) { c } else { '\u{fffd}' })
            .collect()
    };
    let text = &place.source.text;
    let before = clean(&text[..place.start]);
    let within = clean(&text[place.start..place.end]);
    let (start, end) = (before.len(), before.len() + within.len());
    (before + &within + &clean(&text[place.end..]), start, end)
}

#[cfg(test)]
mod tests {
    use super::super::Source;
    use super::*;

    fn finding(text: &str, at: std::ops::Range<usize>) -> Diagnostic {
        let place = Place::new(&Source::new("queries/stale.yaml", text), at);
        Diagnostic::error("unknown field `digset`")
            .at(&place, "`tags` have no such field")
            .hint("did you mean `digest`?")
    }

    #[test]
    fn the_caret_stands_under_the_character() {
        let drawn = draw(&[finding("a: b\nid: digset\n", 9..15)], Colour::Off);
        let expected = "\
error: unknown field `digset`
 --> queries/stale.yaml:2:5
  |
2 | id: digset
  |     ^^^^^^ `tags` have no such field
  |
hint: did you mean `digest`?
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn the_caret_is_right_after_wide_characters() {
        let drawn = draw(&[finding("日本: digset\n", 8..14)], Colour::Off);
        assert!(drawn.contains(":1:5\n"), "{drawn}");
        assert!(drawn.contains("  |       ^^^^^^"), "{drawn}");
    }

    #[test]
    fn f1_a_hostile_source_line_draws_nothing_hidden() {
        let hostile = "x: \u{1b}[31m\u{202e}\u{9b}2J\u{200b}\r\u{7f}digset\n";
        let start = hostile.find("digset").unwrap();
        let drawn = draw(&[finding(hostile, start..start + 6)], Colour::Off);
        assert!(
            !drawn.contains(|c| c != '\n' && safe::is_hidden(c)),
            "{drawn:?}"
        );
    }

    #[test]
    fn f4_a_hint_of_several_lines_speaks_to_no_runner() {
        let finding = Diagnostic::error("eaten").hint("as a block:\nwhere: |\n  ::error::x");
        let drawn = draw(&[finding], Colour::Off);
        assert!(drawn.contains("  \\::error::x"), "{drawn}");
    }

    #[test]
    fn without_a_place_only_the_words() {
        let drawn = draw(
            &[Diagnostic::warning("so it is").hint("try this")],
            Colour::Off,
        );
        assert_eq!(drawn, "warning: so it is\nhint: try this\n", "{drawn}");
    }
}
