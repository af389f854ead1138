//! Listings and their prices.

use serde::Serialize;
use serde_json::Value;
use superbot_domain as domain;

use crate::page::ListPage;
use crate::scalar::{PriceUnits, Rfc3339};

/// A listing. Its texts were written by strangers: they are text, never markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listing<'a> {
    /// The item's condition; `null` where its ad does not state it, absent in events from before there was the field.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ItemCondition>))]
    pub condition: Option<domain::ItemCondition>,
    /// When the ad was put up; when it was first seen, where its publisher did not say. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// The ISO 4217 code of the currency of `price` and `previous_price`, for example `USD`.
    pub currency: &'a str,
    /// Its publisher's own id; `null` where it has none, absent in events from before there was the field.
    pub external_id: Option<&'a str>,
    /// Its number; it stays the same when the listing is removed for its age and posted again.
    pub id: i64,
    /// An `http:` or `https:` address of a picture.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub image_url: Option<&'a str>,
    /// Where it is found: an `http:` or `https:` address.
    pub link: &'a str,
    /// The place, in the ad's words.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub location: Option<&'a str>,
    /// In `listing_updated`, the price before this update, which equals `price` where only the text changed. In answers of the
    /// REST API, the price before it last changed. `null` where there was none, where the ad stated none, and where it was in
    /// another currency or for another period. Absent in `new_listing` and in notifications.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub previous_price: Option<PriceUnits>,
    /// In units of the currency (28000, 24.99); `0` is free, `null` is not stated.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub price: PriceUnits,
    /// The period that `price` and `previous_price` are for, such as a rent's month; `null` for the price of a sale, absent in
    /// events from before there was the field.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>))]
    pub price_per: Option<domain::PricePeriod>,
    /// The first of the ads that this one repeats under a link of its own: same title, place and price within 30 days.
    /// Absent where it repeats none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = i64, required = false))]
    pub reposted_of: Option<i64>,
    /// The name of the site that it was found on.
    pub source: &'a str,
    /// What the ad is about.
    pub title: &'a str,
}

/// A listing that always has `previous_price`: as `listing_updated` and the REST API give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ListingUpdate<'a>(Listing<'a>);

/// A listing with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListingView<'a> {
    /// The part that events carry too.
    #[serde(flatten)]
    pub listing: ListingUpdate<'a>,
    /// The ad's text.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub description: Option<&'a str>,
    /// When it was first stored. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub first_seen_at: Rfc3339,
    /// When it last changed. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Rfc3339,
}

/// A listing on a page, as publishers would send it, but for its source.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageListing {
    /// What the ad is about, on one line.
    pub title: String,
    /// The asking price in units of the currency; 0 where it is given away, null where none is stated.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub price: Value,
    /// The period that the price is for; null for the price of a sale.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>, required))]
    pub price_per: Option<domain::PricePeriod>,
    /// The currency of the price, where it has one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub currency: Option<String>,
    /// Whether the ad takes offers.
    pub negotiable: bool,
    /// The address of the ad.
    pub link: String,
    /// The address of its first picture.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub image_url: Option<String>,
    /// The place, in the page's words.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub location: Option<String>,
    /// The ad's text.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub description: Option<String>,
    /// The site's own id.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub external_id: Option<String>,
    /// The item's condition; `null`, as no kind of source reads it yet.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ItemCondition>, required))]
    pub condition: Option<domain::ItemCondition>,
    /// When the ad was posted. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub created_at: Option<Rfc3339>,
}

// The derive for the description flattens a named type only.
type ListingPage<'a> = ListPage<ListingView<'a>>;

/// A page of listings, with their number where that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Listings))]
pub struct ListingSearchPage<'a> {
    /// The listings.
    #[serde(flatten)]
    pub page: ListingPage<'a>,
    /// With `count=true`, the number of listings on all pages, where it is at most 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub count: Option<u64>,
    /// With `count=true`, a number that there are at least: 10,000, or fewer where counting on would take too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub count_at_least: Option<u64>,
}

/// A price from a moment on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceView {
    /// From when on. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Rfc3339,
    /// In units of the currency; `0` is free, `null` is not stated.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub price: PriceUnits,
    /// The period that the price is for; null for the price of a sale.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>, required))]
    pub price_per: Option<domain::PricePeriod>,
    /// The ISO 4217 code of its currency.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: domain::Currency,
}

/// A listing that its user keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FavoriteView<'a> {
    /// The listing.
    pub listing: ListingView<'a>,
    /// What the user wrote about it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub notes: Option<&'a str>,
    /// When the user first kept it. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
}

impl<'a> From<&'a domain::Listing> for Listing<'a> {
    fn from(listing: &'a domain::Listing) -> Self {
        // The description is only in `ListingView`.
        let domain::ListingDetails { condition, description: _, external_id, image_url, location } = &listing.details;
        let previous_price =
            listing.previous_price.map(|previous| previous.in_unit(listing.currency, listing.price.per()));
        Self {
            condition: *condition,
            created_at: listing.created_at.into(),
            currency: listing.currency.as_str(),
            external_id: external_id.as_deref(),
            id: listing.id.get(),
            image_url: image_url.as_deref(),
            link: &listing.link,
            location: location.as_deref(),
            previous_price: previous_price.map(PriceUnits::from),
            price: listing.price.into(),
            price_per: listing.price.per(),
            reposted_of: listing.reposted_of.map(domain::ListingId::get),
            source: listing.source.as_str(),
            title: &listing.title,
        }
    }
}

impl<'a> From<&'a domain::Listing> for ListingUpdate<'a> {
    fn from(listing: &'a domain::Listing) -> Self {
        let mut listing = Listing::from(listing);
        listing.previous_price.get_or_insert(PriceUnits::NONE);
        Self(listing)
    }
}

impl<'a> From<&'a domain::Listing> for ListingView<'a> {
    fn from(listing: &'a domain::Listing) -> Self {
        Self {
            listing: listing.into(),
            description: listing.details.description.as_deref(),
            first_seen_at: listing.first_seen_at.into(),
            updated_at: listing.updated_at.into(),
        }
    }
}

impl<'a> ListingSearchPage<'a> {
    /// The page, with the number of listings on all pages where it was counted.
    pub fn new(page: ListPage<ListingView<'a>>, count: Option<domain::BoundedCount>) -> Self {
        Self {
            page,
            count: count.and_then(domain::BoundedCount::exact),
            count_at_least: count.and_then(domain::BoundedCount::lower_bound),
        }
    }
}

impl<'a> From<&'a domain::Favorite> for FavoriteView<'a> {
    fn from(favorite: &'a domain::Favorite) -> Self {
        Self {
            listing: (&favorite.listing).into(),
            notes: favorite.notes.as_ref().map(domain::Notes::as_str),
            created_at: favorite.created_at.into(),
        }
    }
}

impl From<&domain::FoundListing> for PageListing {
    fn from(found: &domain::FoundListing) -> Self {
        let domain::ListingDetails { description, location, image_url, external_id, condition } = found.details.clone();
        Self {
            title: found.title.clone(),
            price: found.price.price.to_json(),
            price_per: found.price.price.per(),
            currency: found.price.price.money().map(|money| money.currency.to_string()),
            negotiable: found.price.negotiable,
            link: found.link.clone(),
            image_url,
            location,
            description,
            external_id,
            condition,
            created_at: found.created_at.map(Rfc3339::from),
        }
    }
}

#[cfg(feature = "openapi")]
use schema::ItemCondition;
#[cfg(feature = "openapi")]
pub(crate) use schema::PricePeriod;

#[cfg(feature = "openapi")]
mod schema {
    use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema};
    use utoipa::openapi::{Ref, RefOr};
    use utoipa::{PartialSchema, ToSchema};

    use super::{Listing, ListingUpdate, domain};
    use crate::component_schema::choice_schema;

    choice_schema!(ItemCondition: domain::ItemCondition);
    choice_schema!(PricePeriod: domain::PricePeriod);

    impl PartialSchema for ListingUpdate<'_> {
        fn schema() -> RefOr<Schema> {
            let description =
                "A listing that always has `previous_price`: as `listing_updated` and the REST API give it.";
            AllOfBuilder::new()
                .description(Some(description))
                .item(Ref::from_schema_name(Listing::name()))
                .item(ObjectBuilder::new().required("previous_price"))
                .into()
        }
    }

    impl ToSchema for ListingUpdate<'_> {
        fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            schemas.push((Listing::name().into_owned(), Listing::schema()));
            Listing::schemas(schemas);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Currency, Price, SourceName, parse_timestamp};

    use super::*;

    #[test]
    fn fields_keep_their_order() {
        let at = parse_timestamp("2025-10-09T10:30:00").unwrap();
        let mut listing = domain::Listing {
            id: 7.into(),
            title: "Z06".to_owned(),
            link: "https://example.com/1".to_owned(),
            source: SourceName::parse("ksl").unwrap(),
            price: Price::Unstated,
            currency: Currency::USD,
            details: domain::ListingDetails { description: Some("a weekend car".to_owned()), ..Default::default() },
            negotiable: false,
            created_at: at,
            first_seen_at: at,
            updated_at: at,
            reposted_of: None,
            previous_price: None,
        };
        let written = |listing: &domain::Listing| serde_json::to_string(&Listing::from(listing)).unwrap();
        assert_eq!(
            written(&listing),
            r#"{"condition":null,"created_at":"2025-10-09T10:30:00Z","currency":"USD","external_id":null,"id":7,"image_url":null,"link":"https://example.com/1","location":null,"price":null,"price_per":null,"source":"ksl","title":"Z06"}"#
        );
        let update = serde_json::to_string(&ListingUpdate::from(&listing)).unwrap();
        assert!(update.contains(r#""location":null,"previous_price":null,"price":null"#), "{update}");
        listing.details.condition = Some(domain::ItemCondition::LikeNew);
        listing.details.external_id = Some("a7".to_owned());
        listing.previous_price = Some(Price::Free);
        listing.reposted_of = Some(3.into());
        let written = written(&listing);
        assert!(written.starts_with(r#"{"condition":"like_new","created_at""#), "{written}");
        assert!(written.contains(r#""currency":"USD","external_id":"a7","id":7"#), "{written}");
        assert!(
            written.contains(r#""previous_price":0,"price":null,"price_per":null,"reposted_of":3,"source""#),
            "{written}"
        );
        let view = serde_json::to_string(&ListingView::from(&listing)).unwrap();
        let rest = r#","description":"a weekend car","first_seen_at":"2025-10-09T10:30:00Z","updated_at":"2025-10-09T10:30:00Z"}"#;
        assert_eq!(view, written.strip_suffix('}').unwrap().to_owned() + rest);
    }
}
