//! Drawing a scene with any backend, and writing it as SVG and PNG.

use std::fs;
use std::path::{Path, PathBuf};

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, RGBColor, ShapeStyle, TextStyle};

use super::PlotError;
use super::lettering::{Anchor, BITMAP_SIZE_PER_EM, Lettering, font};
use super::palette::{Color, WHITE};
use super::scene::{Point, Rect, Scene, Shape, Stroke};

/// What differs between backends.
#[derive(Debug, Clone, Copy)]
struct Target {
    /// Units of the backend, which are whole numbers, in a logical pixel.
    scale: f64,
    /// The font size to ask for, per em.
    size_per_em: f64,
    /// How far the baseline comes out below the point of a text anchored at its top, in em.
    baseline: f64,
}

/// Tenths of a logical pixel: fine enough for smooth curves.
const SVG: Target = Target {
    scale: 10.0,
    // The backend divides by 1.24 and moves the baseline down by 0.76 em.
    size_per_em: 1.24,
    baseline: 0.76,
};
/// One and a half pixels per logical pixel, each the average of two by two samples.
const BITMAP: Target = Target {
    scale: 3.0,
    size_per_em: BITMAP_SIZE_PER_EM,
    // The backend puts the baseline half the font size down.
    baseline: BITMAP_SIZE_PER_EM / 2.0,
};

impl Target {
    #[allow(clippy::cast_possible_truncation)] // a page is a few thousand pixels wide
    fn whole(self, pixels: f64) -> i32 {
        (pixels * self.scale).round() as i32
    }

    #[allow(clippy::cast_sign_loss)] // lengths are positive
    fn length(self, pixels: f64) -> u32 {
        self.whole(pixels).max(1) as u32
    }

    fn point(self, (x, y): Point) -> (i32, i32) {
        (self.whole(x), self.whole(y))
    }

    fn size(self, scene: &Scene) -> (u32, u32) {
        (self.length(scene.width), self.length(scene.height))
    }
}

/// Writes `<name>.svg` and `<name>.png`; returns their paths.
pub(crate) fn write(
    scene: &Scene,
    directory: &Path,
    name: &str,
) -> Result<[PathBuf; 2], PlotError> {
    Ok([
        write_whole(directory, name, "svg", |path| {
            let svg = svg(scene)?;
            fs::write(path, svg).map_err(|error| error.to_string())
        })?,
        write_whole(directory, name, "png", |path| write_png(scene, path))?,
    ])
}

/// Lets `write` fill a temporary file beside the one meant, then renames it, so that nobody sees
/// half a file.
fn write_whole(
    directory: &Path,
    name: &str,
    extension: &str,
    write: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, PlotError> {
    let path = directory.join(format!("{name}.{extension}"));
    // The extension stays at the end: it tells the encoder the format.
    let partial = directory.join(format!(".{name}.partial.{extension}"));
    let written = write(&partial)
        .and_then(|()| fs::rename(&partial, &path).map_err(|error| error.to_string()));
    match written {
        Ok(()) => Ok(path),
        Err(reason) => {
            // It may not exist; the error to report is the one that got us here.
            let _ = fs::remove_file(&partial);
            Err(PlotError { path, reason })
        }
    }
}

/// The scene as an SVG document of its logical size.
fn svg(scene: &Scene) -> Result<String, String> {
    let mut document = String::new();
    let (width, height) = SVG.size(scene);
    paint(
        scene,
        &mut SVGBackend::with_string(&mut document, (width, height)),
        SVG,
    )?;
    // The backend knows no units but its own: the view box keeps them, the size does not.
    let fine = format!("width=\"{width}\" height=\"{height}\"");
    let logical = format!("width=\"{}\" height=\"{}\"", scene.width, scene.height);
    Ok(document.replacen(&fine, &logical, 1))
}

fn write_png(scene: &Scene, path: &Path) -> Result<(), String> {
    let (width, height) = BITMAP.size(scene);
    let mut samples = vec![0; 3 * (width * height) as usize];
    paint(
        scene,
        &mut BitMapBackend::with_buffer(&mut samples, (width, height)),
        BITMAP,
    )?;
    let picture = averaged(&samples, width as usize);
    let size = (width / 2, height / 2);
    let mut file = BitMapBackend::new(path, size);
    file.blit_bitmap((0, 0), size, &picture)
        .and_then(|()| file.present())
        .map_err(|error| error.to_string())
}

/// Half the size in each direction: the mean of two by two samples of three bytes.
fn averaged(samples: &[u8], width: usize) -> Vec<u8> {
    let row = 3 * width;
    let mut picture = Vec::with_capacity(samples.len() / 4);
    for rows in samples.chunks_exact(2 * row) {
        for x in 0..width / 2 {
            for channel in 0..3 {
                let at = 6 * x + channel;
                let sum: u16 = [at, at + 3, at + row, at + row + 3]
                    .iter()
                    .map(|&at| u16::from(rows[at]))
                    .sum();
                picture.push(u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX));
            }
        }
    }
    picture
}

/// Draws `scene` on white.
fn paint<B: DrawingBackend>(scene: &Scene, backend: &mut B, target: Target) -> Result<(), String> {
    let page = Rect {
        left: 0.0,
        top: 0.0,
        right: scene.width,
        bottom: scene.height,
    };
    backend
        .ensure_prepared()
        .map_err(|error| error.to_string())?;
    paint_shape(&Shape::Rect(page, WHITE), backend, target)?;
    for shape in &scene.shapes {
        paint_shape(shape, backend, target)?;
    }
    backend.present().map_err(|error| error.to_string())
}

fn paint_shape<B: DrawingBackend>(
    shape: &Shape,
    backend: &mut B,
    target: Target,
) -> Result<(), String> {
    let point = |at: &Point| target.point(*at);
    let painted = match shape {
        Shape::Line(points, stroke) => {
            let style = rgb(stroke.color).stroke_width(target.length(stroke.width));
            dashed(points, stroke)
                .iter()
                .flat_map(|piece| without_spikes(piece))
                .try_for_each(|dash| backend.draw_path(dash.iter().map(point), &style))
        }
        Shape::Rect(rect, color) => {
            let (start, end) = (
                target.point((rect.left, rect.top)),
                target.point((rect.right, rect.bottom)),
            );
            backend.draw_rect(start, end, &filled(*color), true)
        }
        Shape::Polygon(points, color) => {
            backend.fill_polygon(points.iter().map(point), &filled(*color))
        }
        Shape::Circle(center, radius, color) => {
            let radius = target.length(*radius);
            backend.draw_circle(target.point(*center), radius, &filled(*color), true)
        }
        Shape::Text(at, text, lettering) => {
            let top = at.1 - target.baseline * lettering.size;
            let style = text_style(*lettering, target);
            backend.draw_text(text, &style, target.point((at.0, top)))
        }
    };
    painted.map_err(|error| error.to_string())
}

fn rgb(Color(red, green, blue): Color) -> RGBColor {
    RGBColor(red, green, blue)
}

fn filled(color: Color) -> ShapeStyle {
    rgb(color).filled()
}

fn text_style(lettering: Lettering, target: Target) -> TextStyle<'static> {
    let size = lettering.size * target.size_per_em * target.scale;
    let horizontal = match lettering.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    TextStyle {
        font: font(lettering.bold, size),
        color: rgb(lettering.color).to_backend_color(),
        pos: Pos::new(horizontal, VPos::Top),
    }
}

/// The pieces of a line that its dashes leave.
fn dashed(points: &[Point], stroke: &Stroke) -> Vec<Vec<Point>> {
    if stroke.dash.is_empty() {
        return vec![points.to_vec()];
    }
    let mut pieces = vec![vec![points[0]]];
    let (mut index, mut left) = (0, stroke.dash[0]);
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let share = done / length;
            let at = (
                from.0 + (to.0 - from.0) * share,
                from.1 + (to.1 - from.1) * share,
            );
            if index % 2 == 0 {
                pieces.last_mut().expect("starts with one").push(at);
            } else {
                pieces.push(vec![at]);
            }
            index += 1;
            left = stroke.dash[index % stroke.dash.len()];
        }
        left -= length - done;
        if index % 2 == 0 {
            pieces.last_mut().expect("starts with one").push(to);
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// A line cut where it turns back on itself: the point of a mitred corner would stick out far.
fn without_spikes(points: &[Point]) -> Vec<&[Point]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for at in 1..points.len().saturating_sub(1) {
        let (a, b, c) = (points[at - 1], points[at], points[at + 1]);
        let (before, after) = ((b.0 - a.0, b.1 - a.1), (c.0 - b.0, c.1 - b.1));
        let along = before.0 * after.0 + before.1 * after.1;
        let lengths = before.0.hypot(before.1) * after.0.hypot(after.1);
        // Beyond 120 degrees.
        if along < -0.5 * lengths {
            pieces.push(&points[start..=at]);
            start = at;
        }
    }
    pieces.push(&points[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::lettering::LABEL;
    use super::*;

    #[test]
    fn dashes_follow_the_line_round_corners() {
        let stroke = Stroke {
            dash: &[3.0, 1.0],
            ..Stroke::solid(WHITE, 1.0)
        };
        let pieces = dashed(&[(0.0, 0.0), (5.0, 0.0), (5.0, 5.0)], &stroke);
        assert_eq!(
            pieces,
            [
                vec![(0.0, 0.0), (3.0, 0.0)],
                vec![(4.0, 0.0), (5.0, 0.0), (5.0, 2.0)],
                vec![(5.0, 3.0), (5.0, 5.0)],
            ]
        );
    }

    #[test]
    fn a_line_that_turns_back_is_cut_at_its_tip() {
        let line = [(0.0, 0.0), (5.0, 0.0), (5.0, 5.0), (5.1, 0.0), (9.0, 0.0)];
        assert_eq!(without_spikes(&line), [&line[..3], &line[2..]]);
        assert_eq!(without_spikes(&line[..2]), [&line[..2]]);
    }

    #[test]
    fn averaging_halves_both_directions() {
        // Two rows of two pixels, each of one shade.
        let samples = [0, 0, 0, 100, 100, 100, 100, 100, 100, 200, 200, 200];
        assert_eq!(averaged(&samples, 2), [100, 100, 100]);
    }

    #[test]
    fn markup_in_a_text_is_escaped() {
        let mut scene = Scene::new(100.0, 50.0);
        scene.text((0.0, 20.0), "a<b> & \"c\" \u{1}", LABEL);
        let svg = svg(&scene).unwrap();
        assert!(svg.contains("a&lt;b&gt; &amp; &quot;c&quot;"), "{svg}");
        assert!(!svg.contains('\u{1}'));
        assert!(svg.starts_with("<svg width=\"100\" height=\"50\" viewBox=\"0 0 1000 500\""));
    }
}
