//! When a listing whose words match is told.
//!
//! The rule looks at what is stored and at nothing else, so that whoever asks, while the listing is taken in or long after,
//! gets the same answer.

use crate::money::Money;
use crate::price::Price;

/// What the rule needs to know of a standing query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The newest price point that was there when the query was saved, edited or resumed; it applies to what came after.
    pub since: i64,
    /// Whether further drops of the price are told; if not, a listing is told once, ever.
    pub tells_drops: bool,
}

/// A price that a listing had; numbers grow with time, over all listings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricePoint {
    /// Its number.
    pub id: i64,
    /// What the ad asked from then on.
    pub price: Price,
}

/// A price at which a listing was found for a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The price point at the time.
    pub point: i64,
    /// The amount in minor units, 0 for free, -1 where there was none.
    pub minor: i64,
}

impl Hit {
    /// The hit that a price point makes.
    pub fn at(point: PricePoint) -> Self {
        let minor = match point.price {
            Price::Amount(money) | Price::Recurring(money, _) => money.minor,
            Price::Free => 0,
            Price::Unstated => -1,
        };
        Self { point: point.id, minor }
    }
}

/// The hit that a listing makes now, if it is to be told.
///
/// `points` are its prices, the oldest first; `first` is the point it was first seen with; `admits` says whether a price
/// is within the query's limits; `hits` are those that the query has had of it.
pub fn due(
    standing: Standing,
    first: i64,
    points: &[PricePoint],
    hits: &[Hit],
    admits: impl Fn(&Price) -> bool,
) -> Option<Hit> {
    let now = *points.last().filter(|point| admits(&point.price))?;
    let hit = Hit::at(now);
    let is_due = match hits.iter().max_by_key(|hit| hit.point) {
        None => first > standing.since || was_outside_after(standing.since, points, &admits),
        Some(_) if !standing.tells_drops => false,
        // What the limits admitted is told once for each price, also when it comes back to it.
        Some(_) if hits.iter().any(|earlier| earlier.minor == hit.minor) => false,
        Some(last) => {
            let is_new = now.id > standing.since;
            is_new && is_drop(last.minor, now.price)
                || was_outside_after(last.point.max(standing.since), points, &admits)
        }
    };
    is_due.then_some(hit)
}

/// Whether the listing was outside the limits at that point or later.
fn was_outside_after(anchor: i64, points: &[PricePoint], admits: impl Fn(&Price) -> bool) -> bool {
    let at_anchor = points.iter().rposition(|point| point.id <= anchor).unwrap_or(0);
    points[at_anchor..].iter().any(|point| !admits(&point.price))
}

/// Whether the price fell by at least 1 % and one unit of the currency.
fn is_drop(last_minor: i64, price: Price) -> bool {
    match price {
        Price::Amount(Money { minor, currency }) | Price::Recurring(Money { minor, currency }, _) => {
            let fell = last_minor - minor;
            fell >= currency.minor_per_unit() && i128::from(fell) * 100 >= i128::from(last_minor)
        }
        Price::Free => last_minor > 0,
        Price::Unstated => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use proptest::prelude::*;

    const ALERT: Standing = Standing { since: 10, tells_drops: true };

    fn dollars(units: i64) -> Price {
        Price::Amount(Money { minor: units * 100, currency: Currency::USD })
    }

    fn under_1000(price: &Price) -> bool {
        price.money().is_some_and(|money| money.minor <= 100_000)
    }

    /// Lets a listing have these prices, one after the other from point `first` on, and gives those that were told.
    fn told(standing: Standing, first: i64, prices: &[Price]) -> Vec<i64> {
        let (mut points, mut hits) = (Vec::new(), Vec::new());
        for (id, price) in (first..).zip(prices) {
            points.push(PricePoint { id, price: *price });
            if id > standing.since {
                hits.extend(due(standing, first, &points, &hits, under_1000));
            }
        }
        hits.iter().map(|hit| hit.minor / 100).collect()
    }

    #[test]
    fn a_listing_is_told_when_first_seen_and_when_it_drops() {
        assert_eq!(told(ALERT, 11, &[dollars(900), dollars(890), dollars(889)]), [900, 890]);
        assert_eq!(told(ALERT, 11, &[dollars(1001), dollars(1000)]), [1000]);
        assert_eq!(told(ALERT, 11, &[Price::Unstated, dollars(500)]), [500]);
    }

    #[test]
    fn creeping_drops_are_told_against_the_price_last_told() {
        let creeping: Vec<_> = (0..=20).map(|step| dollars(900 - step)).collect();
        assert_eq!(told(ALERT, 11, &creeping), [900, 891, 882]);
        // Below 100 dollars the least drop is one dollar.
        let cents = |minor| Price::Amount(Money { minor, currency: Currency::USD });
        assert_eq!(told(ALERT, 11, &[cents(5_000), cents(4_940), cents(4_901), cents(4_900)]), [50, 49]);
    }

    #[test]
    fn yesterdays_listings_fire_only_when_they_cross() {
        assert_eq!(told(ALERT, 10, &[dollars(900), dollars(800)]), [0; 0]);
        assert_eq!(told(ALERT, 10, &[dollars(1200), dollars(800)]), [800]);
        assert_eq!(told(ALERT, 10, &[dollars(900), dollars(1200), dollars(900)]), [900]);
    }

    #[test]
    fn an_edited_alert_does_not_tell_of_drops_before_the_edit() {
        let points = [(11, 900), (12, 700)].map(|(id, units)| PricePoint { id, price: dollars(units) });
        let hits = [Hit::at(points[0])];
        let edited = |since| due(Standing { since, ..ALERT }, 11, &points, &hits, under_1000);
        assert_eq!(edited(11), Some(Hit::at(points[1])));
        assert_eq!(edited(12), None);
    }

    #[test]
    fn no_price_is_told_twice() {
        assert_eq!(
            told(ALERT, 11, &[dollars(900), dollars(1200), dollars(900), dollars(1200), dollars(950)]),
            [900, 950]
        );
    }

    #[test]
    fn a_search_tells_a_listing_once() {
        let search = Standing { since: 10, tells_drops: false };
        assert_eq!(told(search, 11, &[dollars(900), dollars(100), dollars(2000), dollars(50)]), [900]);
    }

    proptest! {
        #[test]
        fn asking_again_tells_nothing_new(first in 5_i64..15, units in prop::collection::vec(1_i64..1500, 1..12)) {
            let (mut points, mut hits) = (Vec::new(), Vec::new());
            for (id, units) in (first..).zip(units) {
                points.push(PricePoint { id, price: dollars(units) });
                hits.extend(due(ALERT, first, &points, &hits, under_1000));
                prop_assert_eq!(due(ALERT, first, &points, &hits, under_1000), None);
            }
            let mut prices: Vec<_> = hits.iter().map(|hit| hit.minor).collect();
            prices.sort_unstable();
            prices.dedup();
            prop_assert_eq!(prices.len(), hits.len());
        }
    }
}
