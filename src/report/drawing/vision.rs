//! How different two colors look to readers of any color vision, for tests.

use super::palette::Color;

/// Vectors and rows of matrices.
type Triple = [f64; 3];

/// What is left of linear red, green and blue with normal vision, without the long, the middle and the
/// short cones (Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of
/// Color Vision Deficiency", 2009, severity 1).
const VISIONS: [[Triple; 3]; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [
        [0.152_286, 1.052_583, -0.204_868],
        [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
    ],
    [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ],
    [
        [1.255_528, -0.076_749, -0.178_779],
        [-0.078_411, 0.930_809, 0.147_602],
        [0.004_733, 0.691_367, 0.303_900],
    ],
];
/// From linear sRGB to CIE XYZ, relative to the white point D65.
const XYZ: [Triple; 3] = [
    [0.4124, 0.3576, 0.1805],
    [0.2126, 0.7152, 0.0722],
    [0.0193, 0.1192, 0.9505],
];
const WHITE: Triple = [0.9505, 1.0, 1.089];

/// The distance of two colors in CIELAB for the reader who sees least of it; 2.3 is just noticeable
/// side by side.
pub(crate) fn difference(a: Color, b: Color) -> f64 {
    let seen = VISIONS.iter().map(|vision| {
        let [a, b] = [a, b].map(|color| lab(times(vision, linear(color))));
        let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f64>().sqrt()
    });
    seen.fold(f64::INFINITY, f64::min)
}

fn linear(Color(red, green, blue): Color) -> Triple {
    [red, green, blue].map(|byte| {
        let value = f64::from(byte) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn times(matrix: &[Triple; 3], vector: Triple) -> Triple {
    matrix.map(|row| {
        let terms = row.iter().zip(vector).map(|(a, b)| a * b);
        terms.sum::<f64>().clamp(0.0, 1.0)
    })
}

fn lab(rgb: Triple) -> Triple {
    let mut f = times(&XYZ, rgb);
    for (value, white) in f.iter_mut().zip(WHITE) {
        let relative = *value / white;
        *value = if relative > 0.008_856 {
            relative.cbrt()
        } else {
            7.787 * relative + 16.0 / 116.0
        };
    }
    let [x, y, z] = f;
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[test]
fn red_and_green_of_one_lightness_differ_for_some_only() {
    let (red, green) = (Color(0xCC, 0x66, 0x77), Color(0x77, 0x84, 0x60));
    assert!(difference(red, green) < 16.0);
    assert!(difference(Color(0, 0, 0), Color(255, 255, 255)) > 99.0);
    assert!(difference(red, red) < 1e-9);
}
