//! The rule for when a matching listing is reported.
//!
//! The rule depends only on stored data, so that ingestion and later reconciliation decide the same.

use crate::money::Money;
use crate::price::Price;
use crate::price_period::PricePeriod;

/// State of a standing query on which the rule depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertPolicy {
    /// The last price point when the query was saved, edited or resumed; only later ones count.
    pub since: i64,
    /// Whether further price drops are reported; otherwise a listing is reported once.
    pub notifies_drops: bool,
}

/// A price that a listing had; ids ascend with time across all listings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRecord {
    /// Id of the price point.
    pub id: i64,
    /// Price from this point on.
    pub price: Price,
}

/// A price at which a listing was reported for a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryHit {
    /// Price point at that time.
    pub point: i64,
    /// Amount in minor units; 0 if free, -1 without a price.
    pub minor: i64,
    /// What the amount was for; `None` for the price of a sale.
    pub per: Option<PricePeriod>,
}

impl QueryHit {
    /// Returns the hit for a price point.
    pub fn at(point: PriceRecord) -> Self {
        let minor = match point.price {
            Price::Amount(money) | Price::Recurring(money, _) => money.minor,
            Price::Free => 0,
            Price::Unstated => -1,
        };
        Self { point: point.id, minor, per: point.price.per() }
    }

    /// Whether a price is the one that was reported.
    fn is_at(&self, hit: &Self) -> bool {
        (self.minor, self.per) == (hit.minor, hit.per)
    }
}

/// Returns the hit if a matching listing is to be reported now.
///
/// `points` are its prices, oldest first; `first` is the point at which it was first seen; `admits` tests a price
/// against the query's limits; `hits` are the earlier hits of this query for the listing.
pub fn evaluate_alert(
    standing: AlertPolicy,
    first: i64,
    points: &[PriceRecord],
    hits: &[QueryHit],
    admits: impl Fn(&Price) -> bool,
) -> Option<QueryHit> {
    let now = *points.last().filter(|point| admits(&point.price))?;
    let hit = QueryHit::at(now);
    let is_due = match hits.iter().max_by_key(|hit| hit.point) {
        None => first > standing.since || was_outside_after(standing.since, points, &admits),
        Some(_) if !standing.notifies_drops => false,
        // Each price within the limits is reported once, even if the listing returns to it later.
        Some(_) if hits.iter().any(|earlier| earlier.is_at(&hit)) => false,
        Some(last) => {
            let is_new = now.id > standing.since;
            // A rent is not lower than the price of a sale, but what is free costs less than either.
            let comparable = hits.iter().filter(|earlier| earlier.per == hit.per || now.price == Price::Free);
            let last_comparable = comparable.max_by_key(|hit| hit.point);
            is_new && last_comparable.is_some_and(|last| is_drop(last.minor, now.price))
                || was_outside_after(last.point.max(standing.since), points, &admits)
        }
    };
    is_due.then_some(hit)
}

/// Returns whether the listing was outside the limits at the anchor or later.
fn was_outside_after(anchor: i64, points: &[PriceRecord], admits: impl Fn(&Price) -> bool) -> bool {
    // The price at the anchor is the last point up to it.
    let at_anchor = points.iter().rposition(|point| point.id <= anchor).unwrap_or(0);
    points[at_anchor..].iter().any(|point| !admits(&point.price))
}

/// Returns whether the price fell by at least 1 % and by at least one unit of the currency.
fn is_drop(last_minor: i64, price: Price) -> bool {
    match price {
        Price::Amount(Money { minor, currency }) | Price::Recurring(Money { minor, currency }, _) => {
            let fell = last_minor - minor;
            // i128: the product of an amount and 100 may exceed i64.
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

    const ALERT: AlertPolicy = AlertPolicy { since: 10, notifies_drops: true };

    fn dollars(units: i64) -> Price {
        Price::Amount(Money { minor: units * 100, currency: Currency::USD })
    }

    fn under_1000(price: &Price) -> bool {
        price.money().is_some_and(|money| money.minor <= 100_000)
    }

    /// Applies the rule to these prices in sequence, starting at point `first`; returns those that were reported.
    fn notified(standing: AlertPolicy, first: i64, prices: &[Price]) -> Vec<i64> {
        let mut points = Vec::new();
        let mut hits = Vec::new();
        for (id, price) in (first..).zip(prices) {
            points.push(PriceRecord { id, price: *price });
            if id > standing.since {
                hits.extend(evaluate_alert(standing, first, &points, &hits, under_1000));
            }
        }
        hits.iter().map(|hit| hit.minor / 100).collect()
    }

    #[test]
    fn a_listing_is_told_when_first_seen_and_when_it_drops() {
        assert_eq!(notified(ALERT, 11, &[dollars(900), dollars(890), dollars(889)]), [900, 890]);
        assert_eq!(notified(ALERT, 11, &[dollars(1001), dollars(1000)]), [1000]);
        assert_eq!(notified(ALERT, 11, &[Price::Unstated, dollars(500)]), [500]);
    }

    #[test]
    fn creeping_drops_are_told_against_the_price_last_told() {
        let creeping: Vec<_> = (0..=20).map(|step| dollars(900 - step)).collect();
        assert_eq!(notified(ALERT, 11, &creeping), [900, 891, 882]);
        // Below 100 dollars, the minimum drop is one dollar.
        let cents = |minor| Price::Amount(Money { minor, currency: Currency::USD });
        assert_eq!(notified(ALERT, 11, &[cents(5_000), cents(4_940), cents(4_901), cents(4_900)]), [50, 49]);
    }

    #[test]
    fn yesterdays_listings_fire_only_when_they_cross() {
        assert_eq!(notified(ALERT, 10, &[dollars(900), dollars(800)]), [0; 0]);
        assert_eq!(notified(ALERT, 10, &[dollars(1200), dollars(800)]), [800]);
        assert_eq!(notified(ALERT, 10, &[dollars(900), dollars(1200), dollars(900)]), [900]);
    }

    #[test]
    fn an_edited_alert_does_not_tell_of_drops_before_the_edit() {
        let points = [(11, 900), (12, 700)].map(|(id, units)| PriceRecord { id, price: dollars(units) });
        let hits = [QueryHit::at(points[0])];
        let edited = |since| evaluate_alert(AlertPolicy { since, ..ALERT }, 11, &points, &hits, under_1000);
        assert_eq!(edited(11), Some(QueryHit::at(points[1])));
        assert_eq!(edited(12), None);
    }

    #[test]
    fn no_price_is_told_twice() {
        assert_eq!(
            notified(ALERT, 11, &[dollars(900), dollars(1200), dollars(900), dollars(1200), dollars(950)]),
            [900, 950]
        );
    }

    #[test]
    fn a_price_for_a_period_is_another_price() {
        let monthly = |units| dollars(units).per_unless_stated(Some(PricePeriod::Month));
        let told = |prices: &[Price]| {
            let mut points = Vec::new();
            let mut hits = Vec::new();
            for (id, price) in (11..).zip(prices) {
                points.push(PriceRecord { id, price: *price });
                hits.extend(evaluate_alert(ALERT, 11, &points, &hits, |_| true));
            }
            hits.iter().map(|hit| (hit.minor / 100, hit.per)).collect::<Vec<_>>()
        };
        let month = Some(PricePeriod::Month);
        assert_eq!(told(&[monthly(500), dollars(500), monthly(400)]), [(500, month), (400, month)]);
        // The same amount, but a rent fell to it that had not been so low.
        assert_eq!(told(&[dollars(400), monthly(500), dollars(300), monthly(300)]), [(400, None), (300, None)]);
        assert_eq!(told(&[monthly(500), dollars(900), monthly(300), dollars(300)]), [(500, month), (300, month)]);
        assert_eq!(told(&[dollars(100_000), monthly(500), dollars(90_000)]), [(100_000, None), (90_000, None)]);
        assert_eq!(told(&[monthly(500), Price::Free]), [(500, month), (0, None)]);
        let limited = |price: &Price| price.per() == month && price.money().is_some_and(|money| money.minor <= 60_000);
        let points = [dollars(500), monthly(500)];
        let points: Vec<_> = (11..).zip(points).map(|(id, price)| PriceRecord { id, price }).collect();
        let hits = [QueryHit::at(points[0])];
        assert_eq!(
            evaluate_alert(ALERT, 11, &points, &hits, limited),
            Some(QueryHit::at(points[1])),
            "not reported yet"
        );
    }

    #[test]
    fn a_search_tells_a_listing_once() {
        let search = AlertPolicy { since: 10, notifies_drops: false };
        assert_eq!(notified(search, 11, &[dollars(900), dollars(100), dollars(2000), dollars(50)]), [900]);
    }

    proptest! {
        #[test]
        fn asking_again_tells_nothing_new(first in 5_i64..15, units in prop::collection::vec(1_i64..1500, 1..12)) {
            let mut points = Vec::new();
            let mut hits = Vec::new();
            for (id, units) in (first..).zip(units) {
                points.push(PriceRecord { id, price: dollars(units) });
                hits.extend(evaluate_alert(ALERT, first, &points, &hits, under_1000));
                prop_assert_eq!(evaluate_alert(ALERT, first, &points, &hits, under_1000), None);
            }
            let mut prices: Vec<_> = hits.iter().map(|hit| hit.minor).collect();
            prices.sort_unstable();
            prices.dedup();
            prop_assert_eq!(prices.len(), hits.len());
        }
    }
}
