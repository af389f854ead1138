//! Conversions between domain values and columns.

use superbot_domain::{Currency, Money, Price, PricePeriod, Timestamp, User, UserRole, Username};

use crate::error::{Result, StoreError};
use crate::sql::{self, Record, SqlConn};

pub(crate) fn micros(t: Timestamp) -> i64 {
    t.as_microsecond()
}

pub(crate) fn timestamp(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(StoreError::corrupt)
}

/// Reads a price from its columns; the amount is in the currency of the row.
pub(crate) fn price(kind: &str, minor: Option<i64>, per: Option<&str>, currency: Currency) -> Result<Price> {
    match (kind, minor, period(per)?) {
        ("amount", Some(minor), None) => Ok(Price::Amount(Money { minor, currency })),
        ("recurring", Some(minor), Some(per)) => Ok(Price::Recurring(Money { minor, currency }, per)),
        ("free", _, _) => Ok(Price::Free),
        // Before there was `price_per`, recurring prices were stored without their amounts.
        ("unstated", _, _) | ("recurring", None, None) => Ok(Price::Unstated),
        _ => Err(StoreError::corrupt(format!("a price of kind {kind:?}"))),
    }
}

/// The period of a recurring price, or of the prices that a query asks for.
pub(crate) fn period(name: Option<&str>) -> Result<Option<PricePeriod>> {
    Ok(name.map(str::parse).transpose()?)
}

pub(crate) fn minor(price: Price) -> Option<i64> {
    price.money().map(|money| money.minor)
}

/// Returns the price of a sale as compared by filters and sorts: 0 for free, `None` without a comparable price.
pub(crate) fn units(price: Price) -> Option<f64> {
    match price {
        Price::Amount(money) => Some(money.to_units()),
        Price::Free => Some(0.0),
        Price::Recurring(..) | Price::Unstated => None,
    }
}

/// A recurring price as numbers compare it.
pub(crate) fn recurring_units(price: Price) -> Option<f64> {
    price.per().and(price.money()).map(Money::to_units)
}

pub(crate) fn currency(code: &str) -> Result<Currency> {
    Ok(Currency::parse(code)?)
}

/// The public columns of a user.
#[derive(Record)]
pub(crate) struct UserRow {
    pub(crate) id: i64,
    pub(crate) username: String,
    pub(crate) role: String,
    pub(crate) disabled: bool,
    pub(crate) created_at: i64,
}

impl UserRow {
    pub(crate) fn read(self) -> Result<User> {
        Ok(User {
            id: self.id.into(),
            username: Username::parse(&self.username)?,
            role: self.role.parse::<UserRole>()?,
            disabled: self.disabled,
            created_at: timestamp(self.created_at)?,
        })
    }
}

/// A user to be inserted; the database generates the id.
#[derive(Record)]
#[record(table = "users")]
pub(crate) struct NewUserRow {
    pub(crate) username: String,
    pub(crate) username_key: String,
    pub(crate) role: String,
    pub(crate) password_hash: String,
    pub(crate) disabled: bool,
    pub(crate) preferences: String,
    pub(crate) created_at: i64,
}

impl NewUserRow {
    /// Returns the row of an enabled user without preferences.
    pub(crate) fn new(name: &Username, role: UserRole, password_hash: &str, created_at: Timestamp) -> Self {
        Self {
            username: name.as_str().to_owned(),
            username_key: name.key().clone(),
            role: role.as_str().to_owned(),
            password_hash: password_hash.to_owned(),
            disabled: false,
            preferences: "{}".to_owned(),
            created_at: micros(created_at),
        }
    }

    /// Inserts the user and returns the id; `None` if the name is taken.
    pub(crate) async fn insert(self, conn: &mut SqlConn) -> Result<Option<i64>> {
        // Without ON CONFLICT, a taken name would abort the whole transaction in Postgres.
        let mut insert = sql::insert([self]);
        insert.push(" ON CONFLICT (username_key) DO NOTHING RETURNING id");
        Ok(insert.build_query_scalar().fetch_optional(conn).await?)
    }
}
