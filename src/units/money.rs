//! Money: exact amounts of US dollars, without floating point.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};

use super::QuantityError;

/// Decimals of a dollar that an amount can have.
const DECIMALS: u32 = 21;
/// Decimals of a dollar that a price can have; the others are for what it is multiplied with.
const PRICE_DECIMALS: u32 = 12;
/// Units of a [`Usd`] in a dollar.
const PER_DOLLAR: i128 = 10_i128.pow(DECIMALS);
/// Billionths of what has a price.
const BILLIONTHS: i128 = 10_i128.pow(DECIMALS - PRICE_DECIMALS);
/// The highest price that can be written, in dollars.
const MAX_PRICE: i128 = 1_000_000;

/// An amount of US dollars: a whole number of 10⁻²¹ USD, so that a price of up to twelve decimals
/// times a number of billionths, such as a price per gigabyte times bytes, is exact.
///
/// The range is some 10¹⁷ USD; arithmetic saturates there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(i128);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `cents` hundredths of a dollar.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents as i128 * (PER_DOLLAR / 100))
    }

    /// What `billionths` of a unit cost if `self` is the price of the unit. Exact for every price
    /// that is read; further decimals than twelve are cut off.
    #[must_use]
    pub fn for_billionths(self, billionths: u128) -> Self {
        let billionths = i128::try_from(billionths).unwrap_or(i128::MAX);
        Self((self.0 / BILLIONTHS).saturating_mul(billionths))
    }

    /// Splits the amount in proportion to `weights`; the parts sum to it exactly. If all weights
    /// are zero, the last part is all of it.
    #[must_use]
    pub fn split(self, weights: &[u128]) -> Vec<Self> {
        let sum = |shift: u32| {
            weights
                .iter()
                .fold(0_u128, |sum, w| sum.saturating_add(w >> shift))
        };
        // Below 2⁶⁴, the products below cannot overflow; what is cut off of larger weights is less
        // than a part in 10¹⁹.
        let shift = (u128::BITS - sum(0).leading_zeros()).saturating_sub(64);
        let whole = sum(shift).max(1);
        let magnitude = self.0.unsigned_abs();
        let up_to = |weight: u128| magnitude / whole * weight + magnitude % whole * weight / whole;
        let (mut parts, mut before, mut given) = (Vec::new(), 0, 0);
        for (index, weight) in weights.iter().enumerate() {
            before += weight >> shift;
            let end = if index + 1 == weights.len() {
                magnitude
            } else {
                up_to(before)
            };
            let part = i128::try_from(end - given).unwrap_or(i128::MAX);
            parts.push(Self(part * self.0.signum()));
            given = end;
        }
        parts
    }

    /// Dollars as the nearest floating-point number, for reports.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.plain().parse().unwrap_or(f64::NAN)
    }

    /// All its digits, at least two of them after the point, and nothing else: `225.00`.
    #[must_use]
    pub fn plain(self) -> String {
        let (dollars, decimals) = self.digits();
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{dollars}.{decimals}")
    }

    /// The amount rounded to `decimals` digits after the point, half away from zero.
    #[must_use]
    pub fn rounded(self, decimals: u32) -> Self {
        let unit = 10_i128.pow(DECIMALS.saturating_sub(decimals));
        let units = (self.0.abs().saturating_add(unit / 2)) / unit;
        Self(units * unit * self.0.signum())
    }

    /// The digits before the point, and those after it: at least two, beyond them no zeros at the
    /// end.
    fn digits(self) -> (String, String) {
        let (magnitude, per_dollar) = (self.0.unsigned_abs(), PER_DOLLAR.unsigned_abs());
        let mut decimals = format!(
            "{:0width$}",
            magnitude % per_dollar,
            width = DECIMALS as usize
        );
        decimals.truncate(decimals.trim_end_matches('0').len().max(2));
        ((magnitude / per_dollar).to_string(), decimals)
    }
}

impl fmt::Display for Usd {
    /// The amount as on a bill, `$1,234.50`, with all its digits, or rounded to the precision that
    /// is asked for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = f.precision();
        let amount = precision.map_or(*self, |digits| {
            self.rounded(u32::try_from(digits).unwrap_or(DECIMALS))
        });
        let (dollars, mut decimals) = amount.digits();
        if let Some(digits) = precision {
            decimals.truncate(digits);
        }
        let sign = if amount.0 < 0 { "-" } else { "" };
        let point = if decimals.is_empty() { "" } else { "." };
        let text = format!("{sign}${}{point}{decimals}", grouped(&dollars));
        match f.width() {
            // `pad` would take the precision for a number of characters.
            Some(width) => write!(f, "{text:>width$}"),
            None => f.write_str(&text),
        }
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Usd {
    type Output = Self;
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl Mul<u64> for Usd {
    type Output = Self;
    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(i128::from(times)))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// Reads a price such as `"0.045 USD"`, exactly.
///
/// # Errors
/// If the unit is missing or another, the number is not a plain decimal, has more than twelve
/// decimals, or is above a million dollars.
pub(super) fn parse_usd(text: &str) -> Result<Usd, QuantityError> {
    let text = text.trim();
    let not_a_number = || QuantityError::NotANumber {
        text: text.to_owned(),
    };
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(split.unwrap_or(text.len()));
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && decimals.is_empty()) || decimals.contains('.') {
        return Err(not_a_number());
    }
    match unit.trim() {
        "USD" => {}
        "" => {
            return Err(QuantityError::NoUnit {
                text: text.to_owned(),
                units: "`USD`".to_owned(),
            });
        }
        other => {
            return Err(QuantityError::UnknownUnit {
                unit: other.to_owned(),
                kind: "money",
                units: "`USD`".to_owned(),
            });
        }
    }
    let out_of_range = |reason| QuantityError::OutOfRange {
        text: text.to_owned(),
        reason,
    };
    if decimals.len() > PRICE_DECIMALS as usize {
        return Err(out_of_range("a price has at most twelve decimals"));
    }
    let value = |digits: &str| digits.parse::<i128>();
    let padded = format!("{decimals:0<width$}", width = DECIMALS as usize);
    let dollars = value(&format!("0{whole}")).unwrap_or(i128::MAX);
    if dollars > MAX_PRICE {
        return Err(out_of_range("a price is at most 1,000,000 USD"));
    }
    let fraction = value(&padded).map_err(|_| not_a_number())?;
    Ok(Usd(dollars * PER_DOLLAR + fraction))
}

/// `digits` in groups of three.
pub(crate) fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        parse_usd(text).unwrap()
    }

    #[test]
    fn prices_are_read_and_shown_exactly() {
        let shown = [
            "0.045 USD",
            "0.0000166667USD",
            "0 USD",
            ".5 USD",
            "1000000 USD",
        ];
        assert_eq!(
            shown.map(|text| usd(text).to_string()),
            ["$0.045", "$0.0000166667", "$0.00", "$0.50", "$1,000,000.00"]
        );
        assert_eq!(
            parse_usd("1234567.5 USD").unwrap_err().to_string(),
            "`1234567.5 USD` is out of range: a price is at most 1,000,000 USD"
        );
        assert_eq!(usd("123456.7 USD").to_string(), "$123,456.70");
    }

    #[test]
    fn what_is_no_price_is_refused() {
        let message = |text| parse_usd(text).unwrap_err().to_string();
        assert_eq!(
            message("0.045"),
            "`0.045` has no unit; expected one of `USD`"
        );
        assert_eq!(
            message("3 EUR"),
            "`EUR` is not a unit of money; expected one of `USD`"
        );
        assert_eq!(message("free"), "`free` does not start with a number");
        assert_eq!(message("-1 USD"), "`-1 USD` does not start with a number");
        assert_eq!(
            message("1.2.3 USD"),
            "`1.2.3 USD` does not start with a number"
        );
        assert_eq!(message(". USD"), "`. USD` does not start with a number");
        assert!(message("0.0000000000001 USD").contains("at most twelve decimals"));
        assert!(parse_usd("99999999999999999999999999999999999999999 USD").is_err());
    }

    #[test]
    fn a_price_times_bytes_is_exact() {
        let five_terabytes = 5_000_000_000_000;
        assert_eq!(
            usd("0.045 USD").for_billionths(five_terabytes),
            Usd::from_cents(22_500)
        );
        assert_eq!(
            usd("0.000000000001 USD").for_billionths(1).plain(),
            "0.000000000000000000001"
        );
        assert_eq!(usd("0.01 USD") * 730, Usd::from_cents(730));
        assert_eq!(
            Usd::from_cents(22_500).as_f64().to_bits(),
            225.0_f64.to_bits()
        );
    }

    #[test]
    fn amounts_are_shown_as_on_a_bill() {
        let amount = usd("1234.565 USD");
        assert_eq!(format!("{amount:.2}"), "$1,234.57");
        assert_eq!(format!("{:.2}", -amount), "-$1,234.57");
        assert_eq!(format!("{amount:.0}"), "$1,235");
        assert_eq!(format!("{amount:12.2}|"), "   $1,234.57|");
        assert_eq!(format!("{:.2}", -usd("0.004 USD")), "$0.00");
        assert_eq!((-usd("0.2 USD")).to_string(), "-$0.20");
    }

    #[test]
    fn parts_sum_to_the_whole() {
        let amount = Usd::from_cents(1_000);
        let parts = amount.split(&[1, 1, 1]);
        assert_eq!(parts.iter().copied().sum::<Usd>(), amount);
        assert_eq!(format!("{:.2}", parts[0]), "$3.33");
        assert_eq!(amount.split(&[0, 0]), [Usd::ZERO, amount]);
        assert_eq!(amount.split(&[]), []);
        let heavy = (-amount).split(&[u128::MAX / 2, u128::MAX / 2]);
        assert_eq!(heavy[0], -Usd::from_cents(500));
        assert_eq!(heavy[0] + heavy[1], -amount);
    }

    #[test]
    fn arithmetic_saturates() {
        let most = usd("1000000 USD").for_billionths(u128::MAX);
        assert_eq!(most + most, most);
        assert!(most * 2 == most);
    }
}
