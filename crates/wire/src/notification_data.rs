//! What the server's own notifications say.

use serde::Serialize;
use superbot_domain::{
    self as domain, Invalid, JsonObject, Listing as StoredListing, NewPriceAlert, NewSavedSearch, NotificationDraft,
    PriceAlertId, SavedSearchId, SourceHealth, SourceName, SourceState,
};

use crate::listing::Listing;
#[cfg(feature = "openapi")]
use crate::listing::PricePeriod;
use crate::scalar::{PriceUnits, Rfc3339};

/// The `data` of a notification whose type the server knows.
pub trait NotificationData: Serialize {
    /// The notification's `type`.
    const KIND: &'static str;

    /// The notification that says this.
    ///
    /// # Errors
    /// When the data is larger than a notification may be.
    fn draft(&self) -> Result<NotificationDraft, Invalid> {
        let data = JsonObject::from_serializable(self).map_err(|error| error.at("data"))?;
        NotificationDraft::new(Self::KIND, data)
    }
}

/// Gives each type its `type`, and the API's description all of them.
macro_rules! notification_data {
    ($($kind:literal => $data:ident),+ $(,)?) => {
        $(impl NotificationData for $data<'_> {
            const KIND: &'static str = $kind;
        })+

        /// Every type of data that the server's own notifications have, with the notification's `type`.
        #[cfg(feature = "openapi")]
        pub fn data_schemas() -> Vec<(&'static str, crate::component_schema::ComponentSchema)> {
            vec![$(($kind, crate::component_schema::ComponentSchema::of::<$data<'_>>())),+]
        }
    };
}

notification_data! {
    "price_alert" => PriceAlertData,
    "saved_search" => SavedSearchData,
    "source_status" => SourceNoticeData,
}

/// What a `price_alert` notification says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceAlertData<'a> {
    /// The number of the alert.
    pub alert_id: i64,
    /// `under` or `over`.
    pub alert_type: &'static str,
    /// The ISO 4217 code of the threshold's currency.
    pub currency: &'a str,
    /// What the alert looks for.
    pub keywords: &'a str,
    /// The newest listing that was found.
    pub listing: Listing<'a>,
    /// Where several were found, the newest ten of them, the newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Listing<'_>>, required = false))]
    pub listings: Option<Vec<Listing<'a>>>,
    /// The same in words.
    pub message: String,
    /// The period of prices that the alert watches, such as rents for a month; `null` for prices of sales, absent in
    /// notifications from before there was the field.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>))]
    pub price_per: Option<domain::PricePeriod>,
    /// Where several were found, how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub results_count: Option<usize>,
    /// The alert's price in units of its currency.
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub threshold_price: PriceUnits,
}

/// What a `saved_search` notification says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedSearchData<'a> {
    /// The newest ten listings that were found, the newest first.
    pub listings: Vec<Listing<'a>>,
    /// The same in words.
    pub message: String,
    /// How many listings were found.
    pub results_count: usize,
    /// The number of the search.
    pub search_id: i64,
    /// The name of the search.
    pub search_name: &'a str,
}

/// What a `source_status` notification says: a source that alerts depend on stopped working, or works again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceNoticeData<'a> {
    /// When it last worked; `null` if never. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_good_at: Option<Rfc3339>,
    /// The same in words.
    pub message: String,
    /// What shows that it is in that state.
    pub reason: &'a str,
    /// Since when it is in that state. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub since: Rfc3339,
    /// The name of the source.
    pub source: &'a str,
    /// The result of its last run.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: SourceState,
}

impl<'a> PriceAlertData<'a> {
    /// What an alert says of `count` listings, of which `shown` are the newest, the newest first.
    pub fn new(
        id: PriceAlertId,
        alert: &'a NewPriceAlert,
        newest: &'a StoredListing,
        count: usize,
        shown: &'a [StoredListing],
    ) -> Self {
        let (title, side) = (&newest.title, alert.alert_type.as_str());
        let per =
            |per: Option<domain::PricePeriod>| per.map_or_else(String::new, |per| format!(" per {}", per.as_str()));
        let price = newest.price.money().map_or_else(|| "free".to_owned(), |money| money.to_string());
        let price = price + &per(newest.price.per());
        let wanted = alert.threshold.to_string() + &per(alert.price_per);
        let others = match count {
            0 | 1 => String::new(),
            2 => " (and 1 more listing)".to_owned(),
            more => format!(" (and {} more listings)", more - 1),
        };
        Self {
            alert_id: id.get(),
            alert_type: side,
            currency: alert.threshold.currency.as_str(),
            keywords: &alert.keywords,
            listing: newest.into(),
            listings: (count > 1).then(|| shown.iter().map(Listing::from).collect()),
            message: format!("{title}: {price}, {side} your {wanted}{others}"),
            price_per: alert.price_per,
            results_count: (count > 1).then_some(count),
            threshold_price: alert.threshold.into(),
        }
    }
}

impl<'a> SavedSearchData<'a> {
    /// What a search says of `count` listings, of which `shown` are the newest, the newest first.
    pub fn new(id: SavedSearchId, search: &'a NewSavedSearch, count: usize, shown: &'a [StoredListing]) -> Self {
        let name = &search.name;
        let listings = if count == 1 { "1 new listing".to_owned() } else { format!("{count} new listings") };
        Self {
            listings: shown.iter().map(Listing::from).collect(),
            message: format!("{listings} for \"{name}\""),
            results_count: count,
            search_id: id.get(),
            search_name: name,
        }
    }
}

impl<'a> SourceNoticeData<'a> {
    /// The notice about a source in that state of health.
    pub fn new(source: &'a SourceName, health: &'a SourceHealth) -> Self {
        Self {
            last_good_at: health.last_good_at.map(Rfc3339::from),
            message: health.notice(source.as_str()),
            reason: &health.reason,
            since: health.since.into(),
            source: source.as_str(),
            state: health.state,
        }
    }
}

/// The schema of any notification's `data`: the server's own types by `type`, or any object.
#[cfg(feature = "openapi")]
pub(crate) fn any_data() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::Ref;
    use utoipa::openapi::extensions::ExtensionsBuilder;
    use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Type};

    let schemas = data_schemas();
    let types: serde_json::Map<_, _> =
        schemas.iter().map(|(kind, schema)| ((*kind).to_owned(), schema.reference())).collect();
    let choices =
        schemas.iter().fold(AnyOfBuilder::new(), |any, (_, schema)| any.item(Ref::from_schema_name(&schema.name)));
    let choices = choices.item(ObjectBuilder::new().schema_type(Type::Object));
    choices.extensions(Some(ExtensionsBuilder::new().add("x-types", types).build())).into()
}
