//! Text: sizes and colors in one place, the width it takes, and how it wraps.

use std::sync::Once;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use super::palette::{Color, INK, MUTED};

/// Height of the em box of the embedded font that a size of 1 gives in a bitmap (ascent plus
/// descent of `DejaVu Sans` are 1.164 em).
pub(crate) const BITMAP_SIZE_PER_EM: f64 = 1.164;

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lettering {
    /// Size of an em in logical pixels.
    pub size: f64,
    pub bold: bool,
    pub color: Color,
    pub anchor: Anchor,
}

const fn plain(size: f64) -> Lettering {
    Lettering {
        size,
        bold: false,
        color: MUTED,
        anchor: Anchor::Start,
    }
}

const fn strong(size: f64) -> Lettering {
    Lettering {
        bold: true,
        color: INK,
        ..plain(size)
    }
}

/// The title of the figure.
pub(crate) const TITLE: Lettering = strong(26.0);
/// What the figure shows.
pub(crate) const SUBTITLE: Lettering = plain(17.0);
/// The title of an axis or a legend.
pub(crate) const HEADING: Lettering = strong(14.0);
/// Ticks and legends.
pub(crate) const LABEL: Lettering = plain(14.0);
/// Notes at the bottom.
pub(crate) const NOTE: Lettering = plain(12.0);

impl Lettering {
    pub(crate) const fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(crate) const fn sized(self, size: f64) -> Self {
        Self { size, ..self }
    }

    pub(crate) const fn colored(self, color: Color) -> Self {
        Self { color, ..self }
    }

    /// From one baseline to the next.
    pub(crate) fn line_height(self) -> f64 {
        self.size * 1.3
    }

    /// From the middle of a line down to its baseline.
    pub(crate) fn middle(self) -> f64 {
        self.size * 0.36
    }

    /// The width of `text` in logical pixels.
    pub(crate) fn width(self, text: &str) -> f64 {
        /// Measured large, because the library rounds to whole pixels.
        const MAGNIFIED: f64 = 64.0;
        let font = font(self.bold, self.size * BITMAP_SIZE_PER_EM * MAGNIFIED);
        let measured = font.box_size(text).map_or(0, |(width, _)| width);
        f64::from(measured) / MAGNIFIED
    }

    /// `text` in as few lines as fit into `width`, at most `lines`; what is left over ends in `…`.
    pub(crate) fn wrapped(self, text: &str, width: f64, lines: usize) -> Vec<String> {
        let mut wrapped: Vec<String> = vec![String::new()];
        for piece in pieces(text) {
            let line = wrapped.last_mut().expect("there is always a line");
            if line.is_empty() || self.width(&format!("{line}{}", piece.trim_end())) <= width {
                line.push_str(piece);
            } else {
                wrapped.push(piece.to_owned());
            }
            self.split_last(&mut wrapped, width);
        }
        if wrapped.len() > lines {
            wrapped.truncate(lines);
            if let Some(last) = wrapped.last_mut() {
                self.end_with_ellipsis(last, width);
            }
        }
        for line in &mut wrapped {
            line.truncate(line.trim_end().len());
        }
        wrapped
    }

    /// Whether `text` fits into so many lines of `width` without breaking a word or losing any.
    pub(crate) fn fits(self, text: &str, width: f64, lines: usize) -> bool {
        pieces(text).all(|piece| self.width(piece.trim_end()) <= width)
            && self.wrapped(text, width, usize::MAX).len() <= lines
    }

    /// Splits the last line wherever the width ends, as long as it is a single word that is wider.
    fn split_last(self, wrapped: &mut Vec<String>, width: f64) {
        while let Some(line) = wrapped.last_mut() {
            let starts = line.char_indices().map(|(at, _)| at).skip(1);
            let fitting = starts
                .take_while(|&at| self.width(&line[..at]) <= width)
                .last();
            match fitting {
                Some(at) if self.width(line.trim_end()) > width => {
                    let rest = line.split_off(at);
                    wrapped.push(rest);
                }
                _ => return,
            }
        }
    }

    fn end_with_ellipsis(self, line: &mut String, width: f64) {
        while self.width(&format!("{}…", line.trim_end())) > width && line.pop().is_some() {}
        line.truncate(line.trim_end().len());
        line.push('…');
    }
}

/// The pieces between which a line may break: after spaces and after the punctuation of names.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive([' ', '_', '-', '.', '/', ','])
}

/// The embedded font; `size` is that of the bitmap backend.
pub(crate) fn font(bold: bool, size: f64) -> FontDesc<'static> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        for (style, bytes) in [
            (FontStyle::Normal, dejavu::sans::regular()),
            (FontStyle::Bold, dejavu::sans::bold()),
        ] {
            let registered = register_font("sans-serif", style, bytes);
            assert!(registered.is_ok(), "the embedded fonts are well-formed");
        }
    });
    let style = if bold {
        FontStyle::Bold
    } else {
        FontStyle::Normal
    };
    FontDesc::new(FontFamily::SansSerif, size, style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_wraps_after_spaces_and_inside_names() {
        let width = LABEL.width("per_environment_");
        assert_eq!(
            LABEL.wrapped("per_environment_eni", width, 3),
            ["per_environment_", "eni"]
        );
        assert_eq!(
            LABEL.wrapped("a private subnet", LABEL.width("a private"), 3),
            ["a private", "subnet"]
        );
        assert_eq!(LABEL.wrapped("short", 200.0, 1), ["short"]);
    }

    #[test]
    fn a_word_wider_than_the_line_breaks_anywhere() {
        let lines = LABEL.wrapped("aaaaaaaaaa", LABEL.width("aaaa"), 9);
        assert_eq!(lines, ["aaaa", "aaaa", "aa"]);
    }

    #[test]
    fn too_many_lines_end_in_an_ellipsis() {
        let width = LABEL.width("one two");
        let lines = LABEL.wrapped("one two three four", width, 1);
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].ends_with('…') && LABEL.width(&lines[0]) <= width,
            "{lines:?}"
        );
    }

    #[test]
    fn bold_is_wider_and_width_grows_with_size() {
        assert!(TITLE.width("netsim") > TITLE.sized(20.0).width("netsim"));
        assert!(HEADING.width("netsim") > LABEL.width("netsim"));
    }
}
