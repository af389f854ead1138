//! Numbers as people group their digits and mark their decimals.

use crate::money::{Currency, Money};

const MAX_GROUPS: usize = 8;
const MAX_DIGITS: u32 = 18;

/// Digits in groups, before it is known which separator marks decimals.
#[derive(Clone, Copy, Debug)]
pub(super) struct DigitGroups {
    digits: u64,
    digit_count: u32,
    lengths: [u8; MAX_GROUPS],
    /// The separator before each group; every kind of white space is `' '`.
    separators: [char; MAX_GROUPS],
    groups: usize,
    starts_with_zero: bool,
    is_overlong: bool,
}

/// A decimal number: `mantissa / 10^scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    mantissa: u128,
    scale: u32,
}

/// What a currency says about the number that stands with it.
#[derive(Clone, Copy)]
pub(super) struct NumberStyle {
    /// The power of ten that it is multiplied by, as in `28.500k`.
    pub(super) power: u32,
    /// The decimal marks before three digits, for currencies with thousandths.
    pub(super) mills: &'static str,
}

impl DigitGroups {
    /// No digits yet; `.99` begins so.
    pub(super) const fn new() -> Self {
        Self {
            digits: 0,
            digit_count: 0,
            lengths: [0; MAX_GROUPS],
            separators: [' '; MAX_GROUPS],
            groups: 1,
            starts_with_zero: false,
            is_overlong: false,
        }
    }

    pub(super) fn push_digit(&mut self, digit: char) {
        self.starts_with_zero |= self.digit_count == 0 && digit == '0';
        self.digit_count += 1;
        self.is_overlong |= self.digit_count > MAX_DIGITS;
        if !self.is_overlong {
            self.digits = self.digits * 10 + u64::from(digit.to_digit(10).unwrap_or(0));
            self.lengths[self.groups - 1] += 1;
        }
    }

    pub(super) fn push_separator(&mut self, separator: char) {
        if self.groups == MAX_GROUPS {
            self.is_overlong = true;
            return;
        }
        self.separators[self.groups] = separator;
        self.groups += 1;
    }

    fn first_len(&self) -> u8 {
        self.lengths[0]
    }

    fn last_len(&self) -> u8 {
        self.lengths[self.groups - 1]
    }

    /// Whether a plain space and three more digits may follow: one to three digits, or groups of three with spaces.
    pub(super) fn takes_more_groups(&self) -> bool {
        (1..=3).contains(&self.first_len())
            && (!self.starts_with_zero)
            && (1..self.groups).all(|group| self.separators[group] == ' ' && self.lengths[group] == 3)
    }

    /// Whether this can follow after a plain space: three digits, perhaps with decimals.
    pub(super) fn continues_groups(&self) -> bool {
        self.first_len() == 3
            && (1..self.groups).all(|group| {
                self.separators[group] == ' ' && self.lengths[group] == 3
                    || group == self.groups - 1 && ",.".contains(self.separators[group]) && self.lengths[group] <= 3
            })
    }

    /// The number with further groups behind a space.
    pub(super) fn join(mut self, more: &Self) -> Self {
        if self.groups + more.groups > MAX_GROUPS || self.digit_count + more.digit_count > MAX_DIGITS {
            self.is_overlong = true;
            return self;
        }
        self.digits = self.digits * 10_u64.pow(more.digit_count) + more.digits;
        self.digit_count += more.digit_count;
        for group in 0..more.groups {
            self.lengths[self.groups + group] = more.lengths[group];
            self.separators[self.groups + group] = if group == 0 { ' ' } else { more.separators[group] };
        }
        self.groups += more.groups;
        self
    }

    /// Whether that mark separates its last two groups.
    pub(super) fn separator_is(&self, mark: char) -> bool {
        self.groups > 1 && self.separators[self.groups - 1] == mark
    }

    /// Whether it ends in three zeros.
    pub(super) const fn is_round(&self) -> bool {
        self.digits.is_multiple_of(1000)
    }

    pub(super) const fn count(&self) -> u32 {
        self.digit_count
    }

    /// Digits without any separator, and their count.
    pub(super) fn plain_digits(&self) -> Option<(u64, u32)> {
        (self.groups == 1 && !self.is_overlong).then_some((self.digits, self.digit_count))
    }

    /// Several zeros and nothing else: the end of a number that was cut, never an amount.
    pub(super) fn is_cut_zeros(&self) -> bool {
        self.groups == 1 && self.digits == 0 && self.digit_count > 1
    }

    /// The number with decimals that stand apart, as in `1299€95`.
    pub(super) fn with_cents(mut self, cents: &Self) -> Self {
        self.push_separator('\u{66b}');
        self.digits = self.digits.saturating_mul(10_u64.pow(cents.digit_count)).saturating_add(cents.digits);
        self.digit_count += cents.digit_count;
        self.is_overlong |= self.digit_count > MAX_DIGITS;
        self.lengths[self.groups - 1] = cents.lengths[0];
        self
    }

    /// The number; `None` where the groups make none.
    pub(super) fn value(&self, style: NumberStyle) -> Option<Decimal> {
        let has_padding = self.starts_with_zero && self.first_len() > 1;
        if self.is_overlong || has_padding {
            return None;
        }
        let has_decimals = self.has_decimals(style);
        let whole = self.groups - usize::from(has_decimals);
        if !self.is_whole_number(whole) {
            return self.with_attached_cents();
        }
        let scale = if has_decimals { u32::from(self.last_len()) } else { 0 };
        Some(Decimal { mantissa: u128::from(self.digits), scale })
    }

    /// `1,05050`: the cents of a price tag, raised on the page, end up behind the last group.
    fn with_attached_cents(&self) -> Option<Decimal> {
        let is_tag = self.groups > 1
            && self.last_len() == 5
            && (1..=3).contains(&self.first_len())
            && (1..self.groups - 1).all(|group| self.lengths[group] == 3)
            && (1..self.groups).all(|group| self.separators[group] == self.separators[1]);
        is_tag.then(|| Decimal { mantissa: u128::from(self.digits), scale: 2 })
    }

    /// Whether the last group is a fraction: that of `1.400,00` and `28,5` is, that of `1.400` and `28,000` is not.
    fn has_decimals(&self, style: NumberStyle) -> bool {
        let last = self.separators[self.groups - 1];
        if self.groups == 1 || matches!(last, ' ' | '\'' | '\u{66c}') {
            return false;
        }
        if last == '\u{66b}' {
            return true;
        }
        if (1..self.groups - 1).any(|group| self.separators[group] == last) {
            return false;
        }
        let is_mills = style.mills.contains(last);
        if self.groups > 2 {
            // Colombian millions: 1'500.000.
            return !(self.last_len() == 3 && self.separators[1] == '\'' && !is_mills);
        }
        match self.last_len() {
            1 | 2 => true,
            3 => {
                is_mills
                    || (self.starts_with_zero && self.first_len() == 1)
                    || last == '.' && (style.power > 0 || !(1..=3).contains(&self.first_len()))
                    || last == ',' && style.power >= 6
            }
            _ => last == '.',
        }
    }

    /// Whether groups are those of one whole number: `1,234,567` or, in India, `12,34,567`.
    fn is_whole_number(&self, groups: usize) -> bool {
        if groups == 1 {
            return true;
        }
        let separators = &self.separators[1..groups];
        let is_even = |separator: &char| *separator == separators[0] || (separators[0] == '\'' && groups == 3);
        (1..=3).contains(&self.first_len())
            && self.lengths[groups - 1] == 3
            && self.lengths[1..groups - 1].iter().all(|length| (2..=3).contains(length))
            && separators.iter().all(is_even)
    }
}

impl Decimal {
    /// The number times a power of ten.
    pub(super) fn times(self, power: u32) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(10_u128.checked_pow(power)?)?;
        Some(Self { mantissa, ..self })
    }

    /// The number divided by a power of ten.
    pub(super) const fn over(self, power: u32) -> Self {
        Self { mantissa: self.mantissa, scale: self.scale + power }
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let left = self.mantissa.checked_mul(10_u128.checked_pow(scale - self.scale)?)?;
        let right = other.mantissa.checked_mul(10_u128.checked_pow(scale - other.scale)?)?;
        Some(Self { mantissa: left.checked_add(right)?, scale })
    }

    /// Whether it has a fraction of other digits than zero.
    pub(super) fn is_fractional(self) -> bool {
        10_u128.checked_pow(self.scale).is_some_and(|divisor| !self.mantissa.is_multiple_of(divisor))
    }

    /// The number as a float, for comparing sizes.
    pub(super) fn size(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "only sizes are compared")]
        let mantissa = self.mantissa as f64;
        mantissa / 10_f64.powi(i32::try_from(self.scale).unwrap_or(i32::MAX))
    }

    /// The amount, rounded to the minor unit of its currency; `None` where no price is that high.
    pub(super) fn money(self, currency: Currency) -> Option<Money> {
        let scaled = self.mantissa.checked_mul(u128::from(currency.minor_per_unit().unsigned_abs()))?;
        let divisor = 10_u128.checked_pow(self.scale)?;
        let minor = i64::try_from((scaled + divisor / 2) / divisor).ok()?;
        (minor / currency.minor_per_unit() < Money::MAX_UNITS).then_some(Money { minor, currency })
    }
}
