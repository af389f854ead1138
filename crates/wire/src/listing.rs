//! Listings and their prices.

use serde::Serialize;
use serde_json::Value;
use superbot_domain as domain;

use crate::page::ListPage;
use crate::scalar::{PriceUnits, Rfc3339};

/// A listing. Its texts are untrusted input: plain text, never markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listing<'a> {
    /// Condition of the item; `null` if the ad does not state it, absent in events from before the field existed.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ItemCondition>))]
    pub condition: Option<domain::ItemCondition>,
    /// Time of posting; if unknown, when the listing was first seen. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// ISO 4217 code of the currency of `price` and `previous_price`, such as `USD`.
    pub currency: &'a str,
    /// The publisher's own id; `null` if there is none, absent in events from before the field existed.
    pub external_id: Option<&'a str>,
    /// Id of the listing; preserved if the listing is removed for its age and posted again.
    pub id: i64,
    /// `http:` or `https:` URL of a picture.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub image_url: Option<&'a str>,
    /// `http:` or `https:` URL of the ad.
    pub link: &'a str,
    /// Location, as worded in the ad.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub location: Option<&'a str>,
    /// In `listing_updated`, the price before this update, which equals `price` if only details changed. In responses
    /// of the REST API, the price before its last change. `null` if there was none, if the ad stated none, and if it
    /// was in another currency or for another period. Absent in `new_listing` and in notifications.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub previous_price: Option<PriceUnits>,
    /// Price in units of the currency (28000, 24.99); `0` if free, `null` if not stated.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub price: PriceUnits,
    /// Period of `price` and `previous_price`, such as a rent's month; `null` for the price of a sale, absent in events
    /// from before there was the field.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>))]
    pub price_per: Option<domain::PricePeriod>,
    /// Id of the original ad, if this one is a repost under another link: same title, location and price within 30
    /// days. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = i64, required = false))]
    pub reposted_of: Option<i64>,
    /// Name of the source on which it was found.
    pub source: &'a str,
    /// Title of the ad.
    pub title: &'a str,
}

/// A listing that always has `previous_price`, as in `listing_updated` and the REST API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ListingUpdate<'a>(Listing<'a>);

/// A listing with all known details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListingView<'a> {
    /// The part that events contain as well.
    #[serde(flatten)]
    pub listing: ListingUpdate<'a>,
    /// Text of the ad.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub description: Option<&'a str>,
    /// Time when it was first stored. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub first_seen_at: Rfc3339,
    /// Time of its last change. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Rfc3339,
}

/// A listing read from a page, in the format for publishing, without source.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageListing {
    /// Title on one line.
    pub title: String,
    /// Asking price in units of the currency; 0 if free, null if not stated.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub price: Value,
    /// Period of the price; null for the price of a sale.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>, required))]
    pub price_per: Option<domain::PricePeriod>,
    /// Currency of the price, if there is one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub currency: Option<String>,
    /// Whether the ad accepts offers.
    pub negotiable: bool,
    /// URL of the ad.
    pub link: String,
    /// URL of its first picture.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub image_url: Option<String>,
    /// Location, as worded on the page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub location: Option<String>,
    /// Text of the ad.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub description: Option<String>,
    /// The site's own id.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub external_id: Option<String>,
    /// Condition of the item; always `null`, as no kind of source reads it yet.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ItemCondition>, required))]
    pub condition: Option<domain::ItemCondition>,
    /// Time of posting. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub created_at: Option<Rfc3339>,
}

// utoipa's derive can only flatten a named type.
type ListingPage<'a> = ListPage<ListingView<'a>>;

/// A page of listings, with the total number if requested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListingSearchPage<'a> {
    /// The listings.
    #[serde(flatten)]
    pub page: ListingPage<'a>,
    /// With `count=true`, the number of listings on all pages, if it is at most 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub count: Option<u64>,
    /// With `count=true`, a lower bound of the number: 10,000, or less if counting would take too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub count_at_least: Option<u64>,
}

/// A price and the time from which it applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceView {
    /// Time from which the price applied. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Rfc3339,
    /// Price in units of the currency; `0` if free, `null` if not stated.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub price: PriceUnits,
    /// Period of the price; null for the price of a sale.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>, required))]
    pub price_per: Option<domain::PricePeriod>,
    /// ISO 4217 code of the currency.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub currency: domain::Currency,
}

/// A favourite listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FavoriteView<'a> {
    /// The listing.
    pub listing: ListingView<'a>,
    /// The user's notes.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub notes: Option<&'a str>,
    /// Time when it became a favourite. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
}

impl<'a> From<&'a domain::Listing> for Listing<'a> {
    fn from(listing: &'a domain::Listing) -> Self {
        // The text of the ad is only in `ListingView`, to keep events small.
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
        // `null` rather than an absent field: clients may rely on its presence in updates.
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
            notes: favorite.notes.as_ref().map(domain::NoteText::as_str),
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
            let description = "A listing that always has `previous_price`, as in `listing_updated` and the REST API.";
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
