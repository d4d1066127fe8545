//! The small pictures of things: a ground whose shape and color tell the family, and white lines
//! that tell the kind.

use std::f64::consts::{PI, TAU};

use super::model::Kind;
use crate::report::drawing::outline::{arc, rounded};
use crate::report::drawing::palette::{Color, WHITE};
use crate::report::drawing::scene::{Point, Rect, Scene, Stroke};

/// What computes.
const COMPUTE: Color = Color(0xC8, 0x73, 0x2C);
/// What passes packets on.
const NETWORK: Color = Color(0x75, 0x5A, 0xA6);
/// Ways to services.
const SERVICE: Color = Color(0x3B, 0x82, 0x7A);
/// Interfaces of something unknown.
const INTERFACE: Color = Color(0x5B, 0x6B, 0x82);
/// What is not AWS's.
const OUTSIDE: Color = Color(0x45, 0x50, 0x5F);
const MORE: Color = Color(0x9A, 0xA1, 0xAB);

/// The ground of a glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    Square,
    Circle,
    Hexagon,
}

/// Draws the glyph of `kind` into a square of this side around `center`.
pub(super) fn glyph(scene: &mut Scene, kind: Kind, center: Point, side: f64) {
    let mut pen = Pen {
        scene,
        center,
        unit: side / 2.0,
    };
    let (ground, color) = ground(kind);
    pen.ground(ground, color);
    match kind {
        Kind::LoadBalancer => pen.load_balancer(),
        Kind::NatGateway => pen.nat_gateway(),
        Kind::Instance => pen.instance(),
        Kind::NetworkInterface => pen.network_interface(),
        Kind::Function => pen.function(),
        Kind::Endpoint => pen.endpoint(),
        Kind::Attachment => pen.attachment(),
        Kind::InternetGateway => pen.internet_gateway(),
        Kind::EgressOnlyInternetGateway => pen.arrow_up(),
        Kind::VpnGateway => pen.padlock(),
        Kind::GatewayEndpoint => pen.bucket(),
        Kind::EndpointService => pen.endpoint_service(),
        Kind::TransitGateway => pen.hub(),
        Kind::Peering => pen.peering(),
        Kind::Internet => pen.globe(),
        Kind::Site => pen.building(),
        Kind::Service => pen.cube(),
        Kind::More => pen.dots(),
    }
}

fn ground(kind: Kind) -> (Ground, Color) {
    match kind {
        Kind::Instance | Kind::Function => (Ground::Square, COMPUTE),
        Kind::NetworkInterface => (Ground::Square, INTERFACE),
        Kind::LoadBalancer
        | Kind::NatGateway
        | Kind::Attachment
        | Kind::InternetGateway
        | Kind::EgressOnlyInternetGateway
        | Kind::VpnGateway
        | Kind::TransitGateway
        | Kind::Peering => (Ground::Circle, NETWORK),
        Kind::Endpoint | Kind::GatewayEndpoint | Kind::EndpointService => {
            (Ground::Hexagon, SERVICE)
        }
        Kind::Service => (Ground::Square, SERVICE),
        Kind::Internet => (Ground::Circle, OUTSIDE),
        Kind::Site => (Ground::Square, OUTSIDE),
        Kind::More => (Ground::Circle, MORE),
    }
}

/// Draws at coordinates from −1 to 1 around a center.
struct Pen<'a> {
    scene: &'a mut Scene,
    center: Point,
    unit: f64,
}

impl Pen<'_> {
    fn at(&self, (x, y): Point) -> Point {
        (self.center.0 + x * self.unit, self.center.1 + y * self.unit)
    }

    fn ground(&mut self, ground: Ground, color: Color) {
        match ground {
            Ground::Square => {
                let ((left, top), (right, bottom)) = (self.at((-1.0, -1.0)), self.at((1.0, 1.0)));
                let rect = Rect {
                    left,
                    top,
                    right,
                    bottom,
                };
                self.scene.polygon(rounded(rect, self.unit * 0.32), color);
            }
            Ground::Circle => self.scene.circle(self.center, self.unit, color),
            Ground::Hexagon => {
                let corner = |n: u32| {
                    let angle = PI / 6.0 + f64::from(n) * PI / 3.0;
                    self.at((1.08 * angle.cos(), 1.08 * angle.sin()))
                };
                self.scene.polygon((0..6).map(corner).collect(), color);
            }
        }
    }

    fn line(&mut self, points: &[Point]) {
        let points = points.iter().map(|&point| self.at(point)).collect();
        let width = (self.unit * 0.17).max(1.2);
        self.scene.line(points, Stroke::solid(WHITE, width));
    }

    fn ring(&mut self, center: Point, radius: f64) {
        self.line(&arc(center, radius, 0.0, TAU));
    }

    fn dot(&mut self, at: Point, radius: f64) {
        let at = self.at(at);
        self.scene.circle(at, radius * self.unit, WHITE);
    }

    fn rect(&mut self, left: f64, top: f64, right: f64, bottom: f64) {
        self.line(&[
            (left, top),
            (right, top),
            (right, bottom),
            (left, bottom),
            (left, top),
        ]);
    }

    /// One becomes three.
    fn load_balancer(&mut self) {
        for y in [-0.5, 0.0, 0.5] {
            self.line(&[(-0.5, 0.0), (-0.1, 0.0), (0.15, y), (0.5, y)]);
            self.dot((0.52, y), 0.17);
        }
        self.dot((-0.5, 0.0), 0.2);
    }

    /// Out of a box and on.
    fn nat_gateway(&mut self) {
        self.line(&[
            (0.0, -0.3),
            (0.0, -0.5),
            (-0.55, -0.5),
            (-0.55, 0.5),
            (0.0, 0.5),
            (0.0, 0.3),
        ]);
        self.line(&[(-0.25, 0.0), (0.6, 0.0)]);
        self.line(&[(0.32, -0.28), (0.62, 0.0), (0.32, 0.28)]);
    }

    /// A processor.
    fn instance(&mut self) {
        self.rect(-0.38, -0.38, 0.38, 0.38);
        for at in [-0.2, 0.2] {
            for (from, to) in [(-0.66, -0.38), (0.38, 0.66)] {
                self.line(&[(at, from), (at, to)]);
                self.line(&[(from, at), (to, at)]);
            }
        }
    }

    /// A card with a plug.
    fn network_interface(&mut self) {
        self.rect(-0.6, -0.42, 0.6, 0.3);
        for x in [-0.3, 0.0, 0.3] {
            self.line(&[(x, 0.3), (x, 0.6)]);
        }
    }

    /// A lambda.
    fn function(&mut self) {
        self.line(&[(-0.42, -0.6), (-0.15, -0.6), (0.35, 0.6), (0.55, 0.6)]);
        self.line(&[(0.02, -0.15), (-0.42, 0.6)]);
    }

    fn endpoint(&mut self) {
        self.ring((0.0, 0.0), 0.5);
        self.dot((0.0, 0.0), 0.2);
    }

    fn endpoint_service(&mut self) {
        self.line(&arc((0.12, 0.0), 0.45, -PI * 0.72, PI * 0.72));
        self.line(&[(-0.75, 0.0), (0.12, 0.0)]);
        self.dot((0.12, 0.0), 0.19);
    }

    fn attachment(&mut self) {
        self.line(&[(0.0, -0.55), (0.0, 0.1)]);
        self.line(&[(-0.5, 0.5), (0.0, 0.1), (0.5, 0.5)]);
        self.dot((0.0, -0.5), 0.2);
        self.dot((-0.48, 0.48), 0.17);
        self.dot((0.48, 0.48), 0.17);
    }

    /// An arch.
    fn internet_gateway(&mut self) {
        let mut arch = vec![(-0.42, 0.55)];
        arch.extend(arc((0.0, -0.08), 0.42, PI, TAU));
        arch.push((0.42, 0.55));
        self.line(&arch);
        self.line(&[(-0.66, 0.55), (0.66, 0.55)]);
    }

    fn arrow_up(&mut self) {
        self.line(&[(0.0, 0.6), (0.0, -0.55)]);
        self.line(&[(-0.36, -0.2), (0.0, -0.58), (0.36, -0.2)]);
    }

    fn padlock(&mut self) {
        self.rect(-0.4, -0.05, 0.4, 0.55);
        let mut shackle = vec![(-0.25, -0.05)];
        shackle.extend(arc((0.0, -0.32), 0.25, PI, TAU));
        shackle.push((0.25, -0.05));
        self.line(&shackle);
        self.dot((0.0, 0.25), 0.13);
    }

    fn bucket(&mut self) {
        self.line(&[
            (-0.52, -0.42),
            (0.52, -0.42),
            (0.34, 0.55),
            (-0.34, 0.55),
            (-0.52, -0.42),
        ]);
        self.line(&[(-0.44, -0.08), (0.44, -0.08)]);
    }

    fn hub(&mut self) {
        for (x, y) in [(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)] {
            self.line(&[(0.0, 0.0), (x, y)]);
            self.dot((x, y), 0.17);
        }
        self.dot((0.0, 0.0), 0.25);
    }

    /// There and back.
    fn peering(&mut self) {
        self.line(&[(-0.58, -0.22), (0.55, -0.22), (0.28, -0.5)]);
        self.line(&[(0.58, 0.22), (-0.55, 0.22), (-0.28, 0.5)]);
    }

    fn globe(&mut self) {
        self.ring((0.0, 0.0), 0.68);
        self.line(&[(-0.68, 0.0), (0.68, 0.0)]);
        let meridian = arc((0.0, 0.0), 0.68, 0.0, TAU);
        let narrow: Vec<Point> = meridian.iter().map(|&(x, y)| (x * 0.42, y)).collect();
        self.line(&narrow);
    }

    fn building(&mut self) {
        self.rect(-0.42, -0.62, 0.42, 0.6);
        for y in [-0.3, 0.05] {
            self.dot((-0.16, y), 0.1);
            self.dot((0.16, y), 0.1);
        }
        self.line(&[(0.0, 0.6), (0.0, 0.32)]);
    }

    fn cube(&mut self) {
        self.line(&[
            (0.0, -0.62),
            (0.54, -0.31),
            (0.54, 0.31),
            (0.0, 0.62),
            (-0.54, 0.31),
            (-0.54, -0.31),
            (0.0, -0.62),
        ]);
        self.line(&[(-0.54, -0.31), (0.0, 0.0), (0.54, -0.31)]);
        self.line(&[(0.0, 0.0), (0.0, 0.62)]);
    }

    fn dots(&mut self) {
        for x in [-0.45, 0.0, 0.45] {
            self.dot((x, 0.0), 0.16);
        }
    }
}
