//! Data of the server's own notifications.

use serde::Serialize;
use superbot_domain::{
    self as domain, InvalidFields, JsonObject, Listing as StoredListing, NewPriceAlert, NewSavedSearch,
    NotificationDraft, PriceAlertId, SavedSearchId, SourceHealth, SourceName, SourceState,
};

use crate::listing::Listing;
#[cfg(feature = "openapi")]
use crate::listing::PricePeriod;
use crate::scalar::{PriceUnits, Rfc3339};

/// The `data` of a notification type that the server itself uses.
pub trait NotificationData: Serialize {
    /// The notification's `type`.
    const KIND: &'static str;

    /// Creates the notification.
    ///
    /// # Errors
    /// If the data exceeds the size limit of notifications.
    fn draft(&self) -> Result<NotificationDraft, InvalidFields> {
        let data = JsonObject::from_serializable(self).map_err(|error| error.at("data"))?;
        NotificationDraft::new(Self::KIND, data)
    }
}

/// Assigns each data type its `type`, and lists all of them for the OpenAPI document.
macro_rules! notification_data {
    ($($kind:literal => $data:ident),+ $(,)?) => {
        $(impl NotificationData for $data<'_> {
            const KIND: &'static str = $kind;
        })+

        /// Returns the schemas of the server's own notifications, with their `type`.
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

/// Data of a `price_alert` notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceAlertData<'a> {
    /// Id of the alert.
    pub alert_id: i64,
    /// `under` or `over`.
    pub alert_type: &'static str,
    /// ISO 4217 code of the threshold's currency.
    pub currency: &'a str,
    /// Keywords of the alert.
    pub keywords: &'a str,
    /// The newest matching listing.
    pub listing: Listing<'a>,
    /// If there are several matches, the newest ten, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Listing<'_>>, required = false))]
    pub listings: Option<Vec<Listing<'a>>>,
    /// Summary as text, for clients without texts of their own.
    pub message: String,
    /// Period of the prices that the alert watches, such as a rent's month; `null` for prices of sales, absent in
    /// notifications from before there was the field.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>))]
    pub price_per: Option<domain::PricePeriod>,
    /// If there are several matches, their number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub results_count: Option<usize>,
    /// Price threshold of the alert in units of its currency.
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub threshold_price: PriceUnits,
}

/// Data of a `saved_search` notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedSearchData<'a> {
    /// The newest ten matches, newest first.
    pub listings: Vec<Listing<'a>>,
    /// Summary as text, for clients without texts of their own.
    pub message: String,
    /// Number of matches.
    pub results_count: usize,
    /// Id of the search.
    pub search_id: i64,
    /// Name of the search.
    pub search_name: &'a str,
}

/// Data of a `source_status` notification: a source that the user's alerts depend on has failed or recovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceNoticeData<'a> {
    /// End of the last successful run; `null` if there was none. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_good_at: Option<Rfc3339>,
    /// Summary as text, for clients without texts of their own.
    pub message: String,
    /// Evidence for the state.
    pub reason: &'a str,
    /// Time since which the source has been in this state. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub since: Rfc3339,
    /// Name of the source.
    pub source: &'a str,
    /// Outcome of the last run.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: SourceState,
}

impl<'a> PriceAlertData<'a> {
    /// Creates the data for `count` matches, of which `shown` are the newest, newest first.
    pub fn new(
        id: PriceAlertId,
        alert: &'a NewPriceAlert,
        newest: &'a StoredListing,
        count: usize,
        shown: &'a [StoredListing],
    ) -> Self {
        let title = &newest.title;
        let side = alert.alert_type.as_str();
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
            // Only for combined notifications; for one match, `listing` contains everything.
            listings: (count > 1).then(|| shown.iter().map(Listing::from).collect()),
            message: format!("{title}: {price}, {side} your {wanted}{others}"),
            price_per: alert.price_per,
            results_count: (count > 1).then_some(count),
            threshold_price: alert.threshold.into(),
        }
    }
}

impl<'a> SavedSearchData<'a> {
    /// Creates the data for `count` matches, of which `shown` are the newest, newest first.
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
    /// Creates the data from the health of a source.
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

/// Returns the schema of any notification's `data`: the server's own by `type`, or any object.
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
    // Publishers may send any data with any type, so every object must be valid as well.
    let choices = choices.item(ObjectBuilder::new().schema_type(Type::Object));
    choices.extensions(Some(ExtensionsBuilder::new().add("x-types", types).build())).into()
}
