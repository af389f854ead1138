//! The roles of words.

/// What a word says of an amount, or of the ad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Role {
    /// Before a price: "price", "asking".
    Asked,
    /// Before the price that counts now: "now", "sale".
    Current,
    /// Before or behind the price that counts now, which another one precedes: "down to".
    Reduced,
    /// Before a price that no longer counts, or counts elsewhere: "was", "list".
    FormerBefore,
    /// Behind such a price: "retail".
    FormerBehind,
    /// The cost of delivery.
    Shipping,
    /// Security, or the first part of the amount.
    Deposit,
    /// A voucher or a discount, on either side.
    Voucher,
    /// Behind an amount that is taken off: "off".
    Off,
    /// Before an amount that is taken off: "save".
    Saving,
    /// A cost beside the price: "fees".
    Extra,
    /// Before a monthly rent.
    Rent,
    /// One of several payments.
    Instalment,
    /// `per`, or a word for it.
    Per,
    /// Behind the price of one piece of several.
    Each,
    /// Between the ends of a range.
    Range,
    /// Between what is got and its price: "for".
    ForPrice,
    /// Neutral between a label and its amount: "is", "only".
    Filler,
    /// Beside a bare number it leaves it a price.
    Neutral,
    /// Is measured or counted, so that a number before it is no price.
    Unit,
    /// A product whose models are numbered.
    Numbered,
    /// The seller takes offers.
    Offer,
    /// The price is fixed.
    Firm,
    /// Turns what follows around.
    Negation,
    /// Says by itself that the thing is given away.
    Gift,
    /// "Free", and its like, which say so in some places only.
    Free,
    /// Behind `Free`: something is free, but not the thing.
    NotAGift,
    /// Behind `Free` in any case: the thing itself.
    GiftNoun,
    /// An amount with this behind it includes what would be an extra.
    Included,
    /// Before the first of two amounts that "to" links: "from".
    From,
    /// Behind the amount that a coin or a banknote bears: "coin".
    FaceValue,
    /// Before the price of a unit: "unit price".
    UnitPrice,
    /// Beside a number that counts something else, such as a mileage.
    Counted,
}

/// A set of roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct RoleSet(u64);

impl RoleSet {
    pub(in super::super) const fn insert(&mut self, role: Role) {
        self.0 |= 1 << role as u32;
    }

    pub(in super::super) const fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u32) != 0
    }

    pub(in super::super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(in super::super) fn without(self, roles: &[Role]) -> Self {
        Self(roles.iter().fold(self.0, |set, role| set & !(1 << *role as u32)))
    }

    pub(in super::super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
