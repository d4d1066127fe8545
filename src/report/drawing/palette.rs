//! Colors that color-blind readers can tell apart, and how lines differ besides.

/// An opaque color: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color(pub u8, pub u8, pub u8);

pub(crate) const WHITE: Color = Color(255, 255, 255);
/// Titles.
pub(crate) const INK: Color = Color(0x26, 0x2B, 0x33);
/// Everything else that is text.
pub(crate) const MUTED: Color = Color(0x55, 0x5B, 0x66);
/// Axis lines.
pub(crate) const AXIS: Color = Color(0xA8, 0xAD, 0xB5);
pub(crate) const GRID: Color = Color(0xE8, 0xEA, 0xED);
/// Swatches that stand for a depth of any color.
pub(crate) const ANY: Color = Color(0x7A, 0x7F, 0x88);
/// What is too small to show on its own.
pub(crate) const OTHER: Color = Color(0xB4, 0xB8, 0xBF);

/// Okabe and Ito's palette for lines, with wine for their yellow, which is too light on white.
pub(crate) const LINES: [Color; 8] = [
    Color(0x00, 0x72, 0xB2),
    Color(0xD5, 0x5E, 0x00),
    Color(0x00, 0x9E, 0x73),
    Color(0xCC, 0x79, 0xA7),
    Color(0xE6, 0x9F, 0x00),
    Color(0x56, 0xB4, 0xE9),
    Color(0x33, 0x33, 0x33),
    Color(0x88, 0x22, 0x55),
];

/// Dashes that go with [`LINES`].
pub(crate) const DASHES: [&[f64]; 8] = [
    &[],
    &[13.0, 4.0],
    &[6.0, 3.0],
    &[13.0, 4.0, 3.0, 4.0],
    &[2.5, 2.5],
    &[20.0, 4.0, 6.0, 4.0],
    &[9.0, 3.0, 2.5, 3.0, 2.5, 3.0],
    &[3.0, 6.0],
];

/// Paul Tol's muted palette for areas, extended, in an order that keeps neighbors apart.
pub(crate) const AREAS: [Color; 16] = [
    Color(0x33, 0x22, 0x88),
    Color(0x88, 0xCC, 0xEE),
    Color(0xCC, 0x66, 0x77),
    Color(0xDD, 0xCC, 0x77),
    Color(0x11, 0x77, 0x33),
    Color(0xAA, 0x44, 0x99),
    Color(0x44, 0xAA, 0x99),
    Color(0x88, 0x22, 0x55),
    Color(0x99, 0x99, 0x33),
    Color(0x66, 0x99, 0xCC),
    Color(0xEE, 0x88, 0x33),
    Color(0x22, 0x55, 0x88),
    Color(0xBB, 0xCC, 0x33),
    Color(0x77, 0x33, 0x11),
    Color(0xEE, 0x99, 0xAA),
    Color(0x55, 0x55, 0x55),
];

/// Anchors of the ramp for many values in order: dark blue, teal, green, ochre (viridis without its
/// yellow end).
const RAMP: [Color; 5] = [
    Color(0x44, 0x01, 0x54),
    Color(0x3B, 0x52, 0x8B),
    Color(0x21, 0x91, 0x8C),
    Color(0x5E, 0xC9, 0x62),
    Color(0xE3, 0xB5, 0x05),
];

impl Color {
    /// This color with a share of another.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between two bytes
    pub(crate) fn mixed(self, other: Self, share: f64) -> Self {
        let mix =
            |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
        Self(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }

    /// The same hue, for waiting at what this color stands for.
    pub(crate) fn tinted(self) -> Self {
        self.mixed(WHITE, 0.55)
    }

    /// The same hue from light (0) to dark (1).
    pub(crate) fn at_depth(self, depth: f64) -> Self {
        if depth < 0.6 {
            self.mixed(WHITE, 0.66 * (1.0 - depth / 0.6))
        } else {
            self.mixed(Self(0, 0, 0), 0.55 * (depth - 0.6) / 0.4)
        }
    }

    /// The color of text on this color.
    pub(crate) fn ink(self) -> Self {
        let luminance =
            0.299 * f64::from(self.0) + 0.587 * f64::from(self.1) + 0.114 * f64::from(self.2);
        if luminance > 140.0 { INK } else { WHITE }
    }
}

/// The color at `share` (0 to 1) of the ramp.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // an index into the ramp
pub(crate) fn ramp(share: f64) -> Color {
    let at = share.clamp(0.0, 1.0) * (RAMP.len() - 1) as f64;
    let below = (at as usize).min(RAMP.len() - 2);
    RAMP[below].mixed(RAMP[below + 1], at - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ramp_starts_and_ends_at_its_anchors() {
        assert_eq!(ramp(0.0), RAMP[0]);
        assert_eq!(ramp(0.5), RAMP[2]);
        assert_eq!(ramp(1.0), RAMP[4]);
    }

    #[test]
    fn text_contrasts_with_what_it_stands_on() {
        assert_eq!(AREAS[0].ink(), WHITE);
        assert_eq!(AREAS[0].tinted().ink(), INK);
        assert_eq!(AREAS[1].ink(), INK);
    }

    #[test]
    fn depth_goes_from_light_to_dark() {
        let sum = |c: Color| u32::from(c.0) + u32::from(c.1) + u32::from(c.2);
        let depths = [0.0, 0.3, 0.6, 0.8, 1.0].map(|d| sum(LINES[0].at_depth(d)));
        assert!(
            depths.windows(2).all(|pair| pair[0] > pair[1]),
            "{depths:?}"
        );
    }
}
